"""Where documents go: standard output or files, checked before anything is written."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final, TextIO

import attrs

from backorderkit.cli.compare_table import print_comparison
from backorderkit.cli.impact_table import print_impact
from backorderkit.cli.table import print_table
from backorderkit.formats import (
    Partial,
    PlanFormat,
    SetAside,
    dumps_comparison,
    dumps_impact,
    dumps_plan,
)
from backorderkit.formats.fields import CSV_FILES
from backorderkit.formats.files import StagedFiles, is_folder_path
from backorderkit.formats.partials_writer import lines_aside
from backorderkit.formats.writer import stage_snapshot, units_of
from backorderkit.model.snapshot import Snapshot
from backorderkit.planning import Plan
from backorderkit.promising import Comparison, Impact, Rescue

OK: Final = 0
SET_ASIDE: Final = 3
"""The exit statuses of a command that has written its answer: to the whole, or to a part."""

STANDARD = "-"
"""What stands for standard input and standard output, as everywhere."""


class Format(StrEnum):
    """What a plan, an impact or a comparison is written as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


_BY_ENDING = {".json": Format.JSON, ".csv": Format.CSV}


def check_outputs(source: str, out: str | None, outcome: str | None) -> str | None:
    """Say why the paths cannot be written, before any work is done; None if they can."""
    if outcome == STANDARD:
        return "--outcome: must be a path, since standard output holds the plan"
    for option, path in (("--out", out), ("--outcome", outcome)):
        problem = None if path is None else _problem(path)
        if problem is not None:
            return f"{option}: {problem}"
    if out is None:
        return None
    if is_folder_path(out):
        return f"--out: {out} is a folder"
    if outcome is not None and _collide(out, outcome):
        return f"--outcome: must be another path than --out, {outcome}"
    if source != STANDARD and _collide(out, source):
        return f"--out: must be another path than INPUT, {out}"
    return None


def check_certificate_path(path: str, others: Mapping[str, str | None]) -> str | None:
    """Say why a certificate cannot be written there, beside other paths; None if it can."""
    if path == STANDARD:
        return "--certificate: must be a path, since standard output holds the plan"
    problem = _problem(path)
    if problem is None and is_folder_path(path):
        problem = f"{path} is a folder"
    for option, other in others.items():
        if problem is None and other not in (None, STANDARD) and _collide(path, str(other)):
            problem = f"must be another path than {option}, {other}"
    return None if problem is None else f"--certificate: {problem}"


def check_rules_path(path: str | None, written: Mapping[str, str | None]) -> str | None:
    """Say which option would overwrite a configuration file; None if none would."""
    if not path:
        return None
    for option, other in written.items():
        if other is not None and _collide(path, other):
            return f"{option}: must be another path than the configuration file, {path}"
    return None


def _problem(path: str) -> str | None:
    if not path:
        return "must be a path"
    parent = Path(path).parent
    try:
        if not parent.is_dir():
            return f"{path} cannot be written: there is no folder {parent}"
        if is_folder_path(path) and Path(path).exists():
            if not Path(path).is_dir():
                return f"{path} cannot be written: it is a file"
            parent = Path(path)
    except (OSError, ValueError) as error:
        return f"{path[:255]} cannot be written: {getattr(error, 'strerror', None) or error}"
    if not os.access(parent, os.W_OK | os.X_OK):
        return f"{path} cannot be written: no permission in {parent}"
    return None


def _collide(file: str, other: str) -> bool:
    """Tell whether a file is another one, or one of those of a folder."""
    one, two = Path(file).resolve(), Path(other).resolve()
    return one == two or (is_folder_path(other) and one.parent == two and one.name in CSV_FILES)


@attrs.frozen
class Output:
    """
    Everything that is to be written, made already.

    Attributes:
        text: The document as text, or None: then it is a table for standard output.
        show: Prints it where it is no text.
        out: To which file it goes, or None for standard output.
        after: The snapshot after the plan, and where it goes, if anywhere.
        certificate: The text of a certificate, and where it goes, if anywhere.
    """

    text: str | None
    show: Callable[[TextIO], object]
    out: str | None
    after: tuple[Snapshot, str] | None = None
    certificate: tuple[str, str] | None = None

    def write(self) -> None:
        """
        Write the outcome and the plan, or what else there is: all of it, or nothing.

        Raises:
            BrokenPipeError: if who reads standard output has enough; the files
                are written then.
            OSError: if something cannot be written; then no file is.
        """
        with StagedFiles() as staged:
            if self.after is not None:
                stage_snapshot(staged, *self.after)
            if self.certificate is not None:
                text, path = self.certificate
                staged.add(path, (text,))
            if self.out is not None:
                staged.add(self.out, (self.text or "",))
                staged.commit()
                return
            try:
                self._print()
            except BrokenPipeError:
                staged.commit()
                raise
            staged.commit()

    def _print(self) -> None:
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF), "standard output")
        if self.text is None:
            self.show(sys.stdout)
        elif isinstance(sys.stdout, io.TextIOWrapper):
            # A document is UTF-8 with bare line feeds, whatever the terminal speaks.
            sys.stdout.flush()
            sys.stdout.buffer.write(self.text.encode())
        else:
            sys.stdout.write(self.text)
        sys.stdout.flush()


def prepare_output(
    plan: Plan,
    set_aside: SetAside,
    format: Format | None,  # noqa: A002 - the option's name
    out: str | None,
    outcome: str | None,
    certificate: tuple[str, str] | None = None,
) -> Output:
    """Make all texts, so that writing them is the last thing that can fail."""

    def show(file: TextIO) -> None:
        print_table(plan, file)

    def write(format: PlanFormat) -> str:  # noqa: A002 - as above
        return dumps_plan(plan, format=format, set_aside=set_aside)

    text = _text(format, out, show, write)
    # Made here, so that it cannot fail between two files.
    after = None if outcome is None else (plan.outcome, outcome)
    return Output(text, show, out, after, certificate)


def prepare_impact(
    impact: Impact,
    rescues: Iterable[Rescue],
    set_aside: SetAside,
    format: Format | None,  # noqa: A002 - the option's name
    out: str | None,
) -> Output:
    """Make the text, so that writing it is the last thing that can fail."""
    found = tuple(rescues)

    def show(file: TextIO) -> None:
        print_impact(impact, found, file)

    def write(format: PlanFormat) -> str:  # noqa: A002 - as above
        return dumps_impact(impact, rescues=found, format=format, set_aside=set_aside)

    return Output(_text(format, out, show, write), show, out)


def prepare_comparison(
    comparison: Comparison,
    set_aside: SetAside,
    format: Format | None,  # noqa: A002 - the option's name
    out: str | None,
) -> Output:
    """Make the text, so that writing it is the last thing that can fail."""

    def show(file: TextIO) -> None:
        print_comparison(comparison, file)

    def write(format: PlanFormat) -> str:  # noqa: A002 - as above
        return dumps_comparison(comparison, format=format, set_aside=set_aside)

    return Output(_text(format, out, show, write), show, out)


def prepare_text(text: str | None, show: Callable[[TextIO], None], out: str | None) -> Output:
    """Take a document, or make the text that is shown where it goes to a file."""
    if text is None and out is not None:
        file = io.StringIO()
        show(file)
        text = file.getvalue()
    return Output(text, show, out)


def tell_aside(partial: Partial) -> None:
    """Name every problem and what was set aside for it, a line each on standard error."""
    lines = lines_aside(partial.set_aside, units_of(partial.snapshot))
    sys.stderr.writelines(f"{line}\n" for line in lines)


def write_output(output: Output, set_aside: SetAside) -> int:
    """
    Write everything, and give the exit status.

    Raises:
        OSError: if something cannot be written; then no file is.
    """
    try:
        output.write()
    except BrokenPipeError:
        silence_stdout()
    return SET_ASIDE if set_aside else OK


def silence_stdout() -> None:
    """Let what is still to be printed go nowhere: its reader has enough of it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _text(
    format: Format | None,  # noqa: A002 - the option's name
    out: str | None,
    show: Callable[[TextIO], None],
    write: Callable[[PlanFormat], str],
) -> str | None:
    if format is None:
        format = _BY_ENDING.get(Path(out or "").suffix, Format.TABLE)  # noqa: A001 - as above
    match format:
        case Format.JSON:
            return write("json")
        case Format.CSV:
            return write("csv")
        case Format.TABLE if out is not None:
            file = io.StringIO()
            show(file)
            return file.getvalue()
        case Format.TABLE:
            return None
