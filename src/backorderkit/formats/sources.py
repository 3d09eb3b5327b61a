"""The files of a CSV folder: as texts, as bytes, or where they are."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, TextIO, cast

Files = Mapping[str, str | bytes]
"""The files of a folder, by name."""

Sources = Mapping[str, str | bytes | Path]
"""The same, or where they are: then they are never in memory as a whole."""


def open_text(content: str | bytes | Path, *, gzipped: bool) -> TextIO:
    """Open a file so that it is read bit by bit, without a mark at its start."""
    if isinstance(content, str):
        return io.StringIO(content.removeprefix("\ufeff"), newline="")
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    raw: BinaryIO
    if gzipped:
        raw = cast("BinaryIO", gzip.open(source))  # noqa: SIM115 - closed by who asked
    else:
        raw = source.open("rb") if isinstance(source, Path) else source
    return io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
