"""Where a plan goes: standard output or files, checked before anything is written."""

from __future__ import annotations

import io
import os
import sys
from enum import StrEnum
from pathlib import Path

import attrs

from backorderkit.cli.table import print_table
from backorderkit.formats import dumps_plan, write_snapshot
from backorderkit.formats.files import is_folder_path, write_text
from backorderkit.planning import Plan


class Format(StrEnum):
    """What a plan is written as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


_BY_ENDING = {".json": Format.JSON, ".csv": Format.CSV}


def check_outputs(out: str | None, outcome: str | None) -> str | None:
    """Say why the paths cannot be written, before any work is done; None if they can."""
    if out is not None and outcome is not None and Path(out).resolve() == Path(outcome).resolve():
        return f"--outcome: must be another path than --out, {outcome}"
    if out is not None and is_folder_path(out):
        return f"--out: {out} is a folder"
    for option, path in (("--out", out), ("--outcome", outcome)):
        if path is None:
            continue
        parent = Path(path).parent
        if not parent.is_dir():
            return f"{option}: {path} cannot be written: there is no folder {parent}"
        if is_folder_path(path) and Path(path).exists():
            if not Path(path).is_dir():
                return f"{option}: {path} cannot be written: it is a file"
            parent = Path(path)
        if not os.access(parent, os.W_OK | os.X_OK):
            return f"{option}: {path} cannot be written: no permission in {parent}"
    return None


@attrs.frozen
class Output:
    """
    Everything that is to be written, made already.

    Attributes:
        text: The plan as text, or None: then it is a table for standard output.
        plan: The plan.
        out: To which file it goes, or None for standard output.
        outcome: Where the snapshot after the plan goes, if anywhere.
    """

    text: str | None
    plan: Plan
    out: str | None
    outcome: str | None

    def write(self) -> None:
        """
        Write the outcome and the plan.

        Raises:
            OSError: if something cannot be written.
        """
        if self.outcome is not None:
            write_snapshot(self.plan.outcome, self.outcome)
        if self.out is not None:
            write_text(self.out, (self.text or "",))
        elif self.text is not None:
            sys.stdout.write(self.text)
        else:
            print_table(self.plan, sys.stdout)


def prepare_output(
    plan: Plan,
    format: Format | None,  # noqa: A002 - the option's name
    out: str | None,
    outcome: str | None,
) -> Output:
    """Make all texts, so that writing them is the last thing that can fail."""
    if format is None:
        format = _BY_ENDING.get(Path(out or "").suffix, Format.TABLE)  # noqa: A001 - as above
    text: str | None
    match format:
        case Format.JSON:
            text = dumps_plan(plan, format="json")
        case Format.CSV:
            text = dumps_plan(plan, format="csv")
        case Format.TABLE if out is not None:
            file = io.StringIO()
            print_table(plan, file)
            text = file.getvalue()
        case Format.TABLE:
            text = None
    if outcome is not None:
        # Made here, so that it cannot fail between two files.
        _ = plan.outcome
    return Output(text, plan, out, outcome)
