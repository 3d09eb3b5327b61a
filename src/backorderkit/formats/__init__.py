"""
Snapshots, plans and what is said of them as public documents: JSON, and CSV.

Snapshots, plans, certificates and configurations are read, too; as CSV snapshots are
folders of files.

What the documents look like is on the page *The documents*.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal

from backorderkit.checking import PlanDocument
from backorderkit.errors import InvalidValueError
from backorderkit.formats.agreed import rules_to_check
from backorderkit.formats.certificates import (
    Certificate,
    RunSetup,
    certificate,
    certificate_json,
    check_certificate,
    read_certificate_json,
)
from backorderkit.formats.comparisons import comparison_csv, comparison_json
from backorderkit.formats.configuration import Configuration
from backorderkit.formats.configurations import (
    dumps_configuration,
    loads_configuration,
    read_configuration,
    write_configuration,
)
from backorderkit.formats.csv_reader import read_csv, read_csv_partly
from backorderkit.formats.explanations import dumps_explanation, write_explanation
from backorderkit.formats.files import (
    PathLike,
    StagedFiles,
    find_files,
    is_folder,
    read_file,
    write_text,
)
from backorderkit.formats.impacts import impact_csv, impact_json
from backorderkit.formats.json_reader import read_json, read_json_partly
from backorderkit.formats.partials import NOTHING_SET_ASIDE, Partial, SetAside, StillAllocated
from backorderkit.formats.plan_reader import read_plan_json
from backorderkit.formats.plans import plan_csv, plan_json
from backorderkit.formats.previews import dumps_preview
from backorderkit.formats.schemas import schema
from backorderkit.formats.sources import Files
from backorderkit.formats.writer import snapshot_csv, snapshot_json, stage_snapshot
from backorderkit.model.snapshot import Snapshot
from backorderkit.planning import Plan
from backorderkit.promising import Comparison, Impact, Rescue

__all__ = [
    "NOTHING_SET_ASIDE",
    "Certificate",
    "Configuration",
    "Partial",
    "PlanFormat",
    "RunSetup",
    "SetAside",
    "StillAllocated",
    "certificate",
    "check_certificate",
    "dumps_certificate",
    "dumps_comparison",
    "dumps_configuration",
    "dumps_explanation",
    "dumps_impact",
    "dumps_plan",
    "dumps_preview",
    "dumps_snapshot",
    "dumps_snapshot_csv",
    "loads_certificate",
    "loads_configuration",
    "loads_partial",
    "loads_partial_csv",
    "loads_plan",
    "loads_snapshot",
    "loads_snapshot_csv",
    "read_certificate",
    "read_configuration",
    "read_partial",
    "read_plan",
    "read_snapshot",
    "rules_to_check",
    "schema",
    "write_certificate",
    "write_comparison",
    "write_configuration",
    "write_explanation",
    "write_impact",
    "write_plan",
    "write_snapshot",
]

PlanFormat = Literal["json", "csv"]
"""How a plan, an impact or a comparison is written."""


def read_snapshot(path: PathLike, *, as_of: datetime | None = None) -> Snapshot:
    """
    Read a snapshot from a JSON file or a folder of CSV files.

    Args:
        path: The file or the folder.
        as_of: The moment; it beats the document's own.  A CSV folder has none,
            so there it must be given.

    Returns:
        The snapshot.

    Raises:
        InvalidInputError: with every problem of the document, each with its
            place, such as ``orders.csv:17: ordered``; also if it cannot be read.
    """
    name = Path(path).name or os.fspath(path) or "path"
    if is_folder(path, name):
        return read_csv(find_files(path, name), as_of=as_of, name=name)
    return read_json(read_file(path, name), as_of=as_of, name=name)


def loads_snapshot(
    text: str | bytes, *, as_of: datetime | None = None, name: str = "snapshot"
) -> Snapshot:
    """
    Read a snapshot from the text of a JSON document.

    Args:
        text: The document; bytes must be UTF-8.
        as_of: The moment; it beats the document's own.
        name: What the document is called in problems.

    Raises:
        InvalidInputError: with every problem of the document.

    >>> loads_snapshot('{"as_of": "2026-01-05", "stock": [{"sku": "MUG", "on_hand": 3}]}').stock[0]
    StockLevel(sku='MUG', location='MAIN', on_hand=3, safety_stock=0)
    """
    return read_json(text, as_of=as_of, name=name)


def loads_snapshot_csv(files: Files, *, as_of: datetime, name: str = "snapshot") -> Snapshot:
    """
    Read a snapshot from the texts of CSV files, by file name.

    Args:
        files: Such as ``{"orders.csv": "...", "stock.csv": "..."}``; files of
            other names are ignored.
        as_of: The moment.
        name: What the whole is called in problems.

    Raises:
        InvalidInputError: with every problem of all files.
    """
    return read_csv(files, as_of=as_of, name=name)


def read_partial(path: PathLike, *, as_of: datetime | None = None) -> Partial:
    """
    Read of a JSON file or a folder of CSV files what has no problems.

    A SKU with a problem is set aside wholly, and so is an order with a problem
    of its own or with a line of such a SKU.  What these orders hold of other
    SKUs stays theirs.

    Args:
        path: The file or the folder.
        as_of: The moment, as for `read_snapshot`.

    Returns:
        What can be planned, and what was set aside.

    Raises:
        InvalidInputError: with every problem of the document, if one of them
            concerns the whole of it or nobody knows which SKU or order.
    """
    name = Path(path).name or os.fspath(path) or "path"
    if is_folder(path, name):
        return read_csv_partly(find_files(path, name), as_of=as_of, name=name)
    return read_json_partly(read_file(path, name), as_of=as_of, name=name)


def loads_partial(
    text: str | bytes, *, as_of: datetime | None = None, name: str = "snapshot"
) -> Partial:
    """
    Read of the text of a JSON document what has no problems, as `read_partial` does.

    Args:
        text: The document; bytes must be UTF-8.
        as_of: The moment; it beats the document's own.
        name: What the document is called in problems.

    Raises:
        InvalidInputError: with every problem of the document, as `read_partial`.

    >>> stock = '[{"sku": "MUG", "on_hand": 3}, {"sku": "BOWL", "on_hand": -1}]'
    >>> partial = loads_partial(f'{{"as_of": "2026-01-05", "stock": {stock}}}')
    >>> [level.sku for level in partial.snapshot.stock], partial.set_aside.skus
    (['MUG'], ('BOWL',))
    """
    return read_json_partly(text, as_of=as_of, name=name)


def loads_partial_csv(files: Files, *, as_of: datetime, name: str = "snapshot") -> Partial:
    """
    Read of the texts of CSV files what has no problems, as `read_partial` does.

    Args:
        files: As for `loads_snapshot_csv`.
        as_of: The moment.
        name: What the whole is called in problems.

    Raises:
        InvalidInputError: with every problem of all files, as `read_partial`.
    """
    return read_csv_partly(files, as_of=as_of, name=name)


def dumps_snapshot(snapshot: Snapshot) -> str:
    """
    Write a snapshot as the text of a JSON document.

    Reading it back gives an equal snapshot.
    """
    return "".join(snapshot_json(snapshot))


def dumps_snapshot_csv(snapshot: Snapshot) -> dict[str, str]:
    """
    Write a snapshot as the texts of CSV files, by file name.

    Reading them back with the same ``as_of`` gives an equal snapshot, but for
    orders without lines: a CSV folder has no place for them.
    """
    return snapshot_csv(snapshot)


def write_snapshot(snapshot: Snapshot, path: PathLike) -> None:
    """
    Write a snapshot to a JSON file, or to a folder of CSV files.

    Args:
        snapshot: What to write.
        path: A folder if it is one or is a text that ends in a slash (a
            ``Path`` drops the slash); else a JSON file.

    Raises:
        OSError: if it cannot be written.  All files are written beside their
            places first, so the old ones stay whole until the new ones are.
    """
    with StagedFiles() as staged:
        stage_snapshot(staged, snapshot, path)
        staged.commit()


def dumps_plan(
    plan: Plan,
    *,
    format: PlanFormat = "json",  # noqa: A002 - the option's name
    set_aside: SetAside = NOTHING_SET_ASIDE,
) -> str:
    """
    Write a plan as the text of a JSON or CSV document.

    Args:
        plan: What to write.
        format: How.
        set_aside: What the plan does without; only JSON has a place for it.

    Raises:
        InvalidValueError: on another format.
    """
    return _as_text(format, lambda: plan_json(plan, set_aside), lambda: plan_csv(plan))


def write_plan(
    plan: Plan,
    path: PathLike,
    *,
    format: PlanFormat | None = None,  # noqa: A002 - the option's name
    set_aside: SetAside = NOTHING_SET_ASIDE,
) -> None:
    """
    Write a plan to a JSON or CSV file.

    Args:
        plan: What to write.
        path: The file.
        format: How; if absent, CSV where the name ends in ``.csv``, else JSON.
        set_aside: What the plan does without; only JSON has a place for it.

    Raises:
        OSError: if it cannot be written; no file is ever left half written.
    """
    text = dumps_plan(plan, format=format or _by_ending(path), set_aside=set_aside)
    write_text(path, (text,))


def read_plan(path: PathLike, *, snapshot: Snapshot) -> PlanDocument:
    """
    Read a plan from a JSON file, whoever wrote it.

    Args:
        path: The file.
        snapshot: What was planned: its items say how quantities are to be read.

    Returns:
        What the plan says; `backorderkit.checking.check_plan` says whether it is true.

    Raises:
        InvalidInputError: with every problem of the document, each with its place,
            such as ``lines[3].ordered``; also if it cannot be read.
    """
    name = Path(path).name or os.fspath(path) or "path"
    return read_plan_json(read_file(path, name), snapshot, name)


def loads_plan(text: str | bytes, *, snapshot: Snapshot, name: str = "plan") -> PlanDocument:
    """
    Read a plan from the text of a JSON document.

    Args:
        text: The document; bytes must be UTF-8.
        snapshot: What was planned: its items say how quantities are to be read.
        name: What the document is called in problems.

    Raises:
        InvalidInputError: with every problem of the document.
    """
    return read_plan_json(text, snapshot, name)


def dumps_certificate(certificate: Certificate) -> str:
    """Write a certificate as the text of a JSON document."""
    return certificate_json(certificate)


def write_certificate(certificate: Certificate, path: PathLike) -> None:
    """
    Write a certificate to a JSON file.

    Raises:
        OSError: if it cannot be written; no file is ever left half written.
    """
    write_text(path, (certificate_json(certificate),))


def read_certificate(path: PathLike) -> Certificate:
    """
    Read a certificate from a JSON file.

    Raises:
        InvalidInputError: with every problem of the document; also if it cannot be read.
    """
    name = Path(path).name or os.fspath(path) or "path"
    return read_certificate_json(read_file(path, name), name)


def loads_certificate(text: str | bytes, *, name: str = "certificate") -> Certificate:
    """
    Read a certificate from the text of a JSON document.

    Raises:
        InvalidInputError: with every problem of the document.
    """
    return read_certificate_json(text, name)


def dumps_impact(
    impact: Impact,
    *,
    rescues: Iterable[Rescue] = (),
    format: PlanFormat = "json",  # noqa: A002 - the option's name
    set_aside: SetAside = NOTHING_SET_ASIDE,
) -> str:
    """
    Write an impact as the text of a JSON or CSV document.

    Args:
        impact: What slips.
        rescues: What could save it; only JSON has a place for it.
        format: How.
        set_aside: What it does without; likewise.

    Raises:
        InvalidValueError: on another format.
    """
    return _as_text(
        format, lambda: impact_json(impact, rescues, set_aside), lambda: impact_csv(impact)
    )


def write_impact(
    impact: Impact,
    path: PathLike,
    *,
    rescues: Iterable[Rescue] = (),
    format: PlanFormat | None = None,  # noqa: A002 - the option's name
    set_aside: SetAside = NOTHING_SET_ASIDE,
) -> None:
    """
    Write an impact to a JSON or CSV file.

    Args:
        impact: What slips.
        path: The file.
        rescues: What could save it; only JSON has a place for it.
        format: How; if absent, CSV where the name ends in ``.csv``, else JSON.
        set_aside: What it does without; likewise.

    Raises:
        OSError: if it cannot be written; no file is ever left half written.
    """
    text = dumps_impact(
        impact, rescues=rescues, format=format or _by_ending(path), set_aside=set_aside
    )
    write_text(path, (text,))


def dumps_comparison(
    comparison: Comparison,
    *,
    format: PlanFormat = "json",  # noqa: A002 - the option's name
    set_aside: SetAside = NOTHING_SET_ASIDE,
) -> str:
    """
    Write a comparison as the text of a JSON or CSV document.

    Args:
        comparison: What to write.
        format: How.
        set_aside: What it does without; only JSON has a place for it.

    Raises:
        InvalidValueError: on another format.
    """
    return _as_text(
        format, lambda: comparison_json(comparison, set_aside), lambda: comparison_csv(comparison)
    )


def write_comparison(
    comparison: Comparison,
    path: PathLike,
    *,
    format: PlanFormat | None = None,  # noqa: A002 - the option's name
    set_aside: SetAside = NOTHING_SET_ASIDE,
) -> None:
    """
    Write a comparison to a JSON or CSV file.

    Args:
        comparison: What to write.
        path: The file.
        format: How; if absent, CSV where the name ends in ``.csv``, else JSON.
        set_aside: What it does without; only JSON has a place for it.

    Raises:
        OSError: if it cannot be written; no file is ever left half written.
    """
    text = dumps_comparison(comparison, format=format or _by_ending(path), set_aside=set_aside)
    write_text(path, (text,))


def _as_text(
    format: PlanFormat,  # noqa: A002 - the option's name
    json: Callable[[], Iterable[str]],
    csv: Callable[[], str],
) -> str:
    """Write a document in one of its forms."""
    match format:
        case "json":
            return "".join(json())
        case "csv":
            return csv()
        case _:
            raise InvalidValueError(field="format", value=format, reason="must be json or csv")


def _by_ending(path: PathLike) -> PlanFormat:
    return "csv" if Path(path).suffix == ".csv" else "json"
