"""Writes which open lines fall into which segment as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backorderkit.formats import fields as f
from backorderkit.formats.partials import NOTHING_SET_ASIDE, SetAside
from backorderkit.formats.partials_writer import written_aside
from backorderkit.formats.writer import (
    Json,
    UnitOf,
    WrittenRecord,
    json_lines,
    units_of,
    written_quantity,
)
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.times import write_time
from backorderkit.model.units import Unit
from backorderkit.planning.previewing import Preview, PreviewLine, PreviewSegment


def dumps_preview(
    preview: Preview, *, snapshot: Snapshot, set_aside: SetAside = NOTHING_SET_ASIDE
) -> str:
    """
    Write which open lines fall into which segment as the text of a JSON document.

    Args:
        preview: Where they fall.
        snapshot: What was sorted: its items say how quantities are written.
        set_aside: What it does without.
    """
    return "".join(_preview_json(preview, snapshot, set_aside))


def _preview_json(preview: Preview, snapshot: Snapshot, set_aside: SetAside) -> Iterator[str]:
    unit_of = units_of(snapshot)
    head: WrittenRecord = {"format": f.FORMAT, "as_of": write_time(snapshot.as_of)}
    lists = {
        "segments": _segments((*preview.segments, preview.rest)),
        "lines": (_line(line, unit_of) for line in preview.lines),
        **written_aside(set_aside, unit_of),
    }
    yield from json_lines(head, lists)


def _segments(segments: Iterable[PreviewSegment]) -> Iterator[WrittenRecord]:
    for each in segments:
        by_unit: list[Json] = []
        for sums in each.by_unit:
            unit = Unit(name=sums.unit, decimals=sums.decimals)
            by_unit.append(
                {
                    "unit": sums.unit,
                    "outstanding": written_quantity(sums.outstanding, unit),
                    "allocated": written_quantity(sums.allocated, unit),
                }
            )
        yield {
            "segment": each.name,
            "lines": len(each.lines),
            "also": len(each.also),
            "by_unit": by_unit,
        }


def _line(line: PreviewLine, unit_of: UnitOf) -> WrittenRecord:
    unit = unit_of(line.sku)
    return {
        "order": line.order,
        "line": line.line,
        "sku": line.sku,
        "outstanding": written_quantity(line.outstanding, unit),
        "allocated": written_quantity(line.allocated, unit),
        "segment": line.segment,
        "also": line.also,
    }
