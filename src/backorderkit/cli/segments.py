"""The command that says which line falls into which segment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, TextIO

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from backorderkit.cli.options import (
    AsOfOption,
    OutOption,
    SetAsideOption,
    Source,
    TextFormatOption,
    checked_outputs,
    chosen_moment,
    read_source,
    reject,
    wants_json,
)
from backorderkit.cli.output import prepare_text, tell_aside, write_output
from backorderkit.cli.progress import Progress
from backorderkit.cli.table import new_table, number, print_parts, safe_text
from backorderkit.formats import dumps_preview, read_configuration
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.units import Unit
from backorderkit.planning.previewing import Preview, PreviewSegment, preview

RulesArgument = Annotated[
    str, typer.Option("--rules", metavar="PATH", help="The configuration file (TOML).")
]


def segments(
    source: Source,
    rules: RulesArgument,
    as_of: AsOfOption = None,
    set_aside: SetAsideOption = False,
    format: TextFormatOption = None,  # noqa: A002 - the option's name
    out: OutOption = None,
) -> int:
    """
    Say which open line falls into which segment, before anything is planned.

    Nothing is committed.  Exit status: 0 sorted, 3 sorted without what was set aside,
    2 bad input or usage (one line a problem, nothing written), 1 a defect of
    backorderkit.
    """
    if not rules:
        reject("--rules: must be a path")
    named = read_configuration(rules).segments
    moment = chosen_moment(as_of)
    out = checked_outputs(source, out, None, rules=[rules])
    with Progress() as progress:
        progress.start("Reading")
        partial = read_source(source, moment, set_aside=set_aside)
    tell_aside(partial)
    with Progress() as progress:
        progress.start("Sorting")
        snapshot = partial.snapshot
        found = preview(snapshot, named)
        text = None
        if wants_json(format, out):
            text = dumps_preview(found, snapshot=snapshot, set_aside=partial.set_aside)
        output = prepare_text(text, lambda file: _print(found, snapshot, file), out)
    return write_output(output, partial.set_aside)


def _print(found: Preview, snapshot: Snapshot, file: TextIO) -> None:
    print_parts(lambda _: _parts(found, snapshot), file)


def _parts(found: Preview, snapshot: Snapshot) -> Iterator[RenderableType]:
    title = f"Segments as of {snapshot.as_of:%Y-%m-%d %H:%M} UTC"
    yield Text(title, style="bold")
    yield Text()
    if found.lines:
        yield _line_table(found, snapshot)
        yield Text()
    yield _segment_table((*found.segments, found.rest))
    yield Text()
    fell = len(found.lines) - len(found.rest.lines)
    yield Text(
        f"{len(found.lines)} open lines: {fell} in {len(found.segments)} segments,"
        f" {len(found.rest.lines)} in none",
        style="bold",
    )


def _line_table(found: Preview, snapshot: Snapshot) -> Table:
    table = new_table("segment", "order/line", "SKU")
    for name in ("open", "allocated"):
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("also matches", overflow="fold")
    for segment in (*found.segments, found.rest):
        for line in segment.lines:
            unit = snapshot.item(line.sku).measure
            table.add_row(
                _name(segment),
                safe_text(f"{line.order}/{line.line}"),
                safe_text(line.sku),
                safe_text(f"{unit.to_text(line.outstanding)} {unit.name}"),
                number(line.allocated, unit, ""),
                safe_text(", ".join(line.also)),
            )
    return table


def _segment_table(segments: Iterable[PreviewSegment]) -> Table:
    """Sum up each segment, unit by unit; an empty one has a row, too."""
    table = new_table("segment")
    for name in ("lines", "also match"):
        table.add_column(name, justify="right")
    for name in ("open", "allocated"):
        table.add_column(name, justify="right", overflow="fold")
    for segment in segments:
        counts = Text(str(len(segment.lines))), Text(str(len(segment.also)))
        if not segment.by_unit:
            table.add_row(_name(segment), *counts, Text(), Text())
        for place, sums in enumerate(segment.by_unit):
            unit = Unit(name=sums.unit, decimals=sums.decimals)
            first = (Text(), Text(), Text()) if place else (_name(segment), *counts)
            opened = safe_text(f"{unit.to_text(sums.outstanding)} {unit.name}")
            table.add_row(*first, opened, number(sums.allocated, unit, ""))
    return table


def _name(segment: PreviewSegment) -> Text:
    return Text("(none)", style="dim") if segment.name is None else safe_text(segment.name)
