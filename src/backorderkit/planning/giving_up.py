"""Which lines give up what they had, so that as few as possible do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from backorderkit.model.ids import Location
from backorderkit.planning.disturbing import rows_to_drop
from backorderkit.planning.floors import GIVEN_UP
from backorderkit.planning.told import Part
from backorderkit.planning.zones import Layout, Site


def give_up(
    owed: Mapping[str, Sequence[Part]],
    sites: Sequence[Site],
    coming: Sequence[tuple[Location, int, int]],
    pools: Mapping[Location, int],
    today: int,
) -> dict[str, list[Part]]:
    """
    Give up what as few lines as possible have, where not all can keep it if possible.

    Where bound and free lines share a supply nothing is given up: no rule is known there.
    What must be kept goes before, by its days.

    Args:
        owed: By floor, what is owed, the oldest line first.
        sites: What each line is bound to.
        coming: Where, on which day and how much arrives, in turn.
        pools: What is there today, by location.
        today: The day of planning.
    """
    found = {floor: list(parts) for floor, parts in owed.items()}
    layout = Layout.of(set(sites), {*pools, *(place for place, _, _ in coming)})
    soft = found.get("keep-if-possible", [])
    if layout.is_mixed or not soft:
        return found
    supply = dict[Site, list[tuple[int, int]]]()
    for place, day, quantity in ((at, today, units) for at, units in pools.items()):
        supply.setdefault(layout.zone_of(place), []).append((day, quantity))
    for place, day, quantity in coming:
        supply.setdefault(layout.zone_of(place), []).append((day, quantity))
    told = dict[Site, dict[int, list[tuple[int, int]]]]()
    for part in sorted(soft, key=lambda part: part.row):
        own = told.setdefault(layout.zone_of(sites[part.row]), {})
        own.setdefault(part.row, []).append((part.day, part.left))
    must = dict[Site, list[tuple[int, int]]]()
    for floor in ("full-or-raise", "keep-or-raise"):
        for part in found.get(floor, ()):
            must.setdefault(layout.zone_of(sites[part.row]), []).append((part.day, part.left))
    dropped = set[int]()
    for zone, lines in told.items():
        left = _left_for(supply.get(zone, ()), must.get(zone, ()))
        dropped |= rows_to_drop(lines, left)
    found["keep-if-possible"] = [part for part in soft if part.row not in dropped]
    found[GIVEN_UP] = [part for part in soft if part.row in dropped]
    return found


def _left_for(
    supply: Sequence[tuple[int, int]], must: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Say how much more of a supply there is by which day than what must be kept takes."""
    days = sorted({day for day, _ in (*supply, *must)})
    sums = [
        sum(units for when, units in supply if when <= day)
        - sum(units for when, units in must if when <= day)
        for day in days
    ]
    least = list(accumulate(reversed(sums), min))[::-1]
    before = 0
    left: list[tuple[int, int]] = []
    for day, total in zip(days, least, strict=True):
        more = max(0, total) - before
        if more > 0:
            left.append((day, more))
            before += more
    return left
