"""The difference between what a snapshot remembers and what a run decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from backorderkit.changes import Backordered, Change
from backorderkit.model.backorders import Allocation, Backorder, Promise
from backorderkit.model.ids import Sku
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.planning.decisions import Decisions
from backorderkit.planning.lines import promises_of
from backorderkit.planning.open_lines import OpenLines
from backorderkit.planning.placing import Places
from backorderkit.planning.unchecked import allocated, backordered, promised, released
from backorderkit.planning.views import places_of


def changes_of(
    snapshot: Snapshot,
    book: OpenLines,
    decisions: Decisions,
    skus: Collection[Sku] | None = None,
    *,
    is_part: bool = False,
    taken: Mapping[int, Sequence[Allocation]] | None = None,
) -> list[Change]:
    """
    List what changes, and nothing else, sorted by order and line.

    What is taken back comes first, of all lines.  Within a line its allocations come
    first, by location, then its backorder, then its promises: each can be applied when
    those before it are.

    Args:
        snapshot: What was planned.
        book: The lines, without what was taken back.
        decisions: Who gets what.
        skus: Whose lines these are, if not all.
        is_part: Whether the snapshot holds nothing but what concerns these SKUs.
        taken: What was taken back, by row.
    """
    taken = taken or {}
    back: list[Change] = []
    memory = {
        (backorder.order, backorder.line): backorder
        for backorder in snapshot.backorders
        if skus is None or _concerns(snapshot, backorder, skus, is_part=is_part)
    }
    places, site_of, coming = decisions.places, decisions.supply.site_of, decisions.promised
    changes: list[Change] = []
    add = changes.append
    columns = zip(book.owners, book.lines, book.wants, decisions.granted, strict=True)
    for row, (owner, line, want, granted) in enumerate(columns):
        order, line_id = owner.id, line.id
        if row in taken:
            lost, more = _net(taken[row], places_of(book, decisions, row))
            back += (released(order, line_id, *each) for each in lost)
            changes += (allocated(order, line_id, *each) for each in more)
        elif granted:
            placed = places.get(row) if places else None
            if placed is None:
                add(allocated(order, line_id, site_of(line.sku), granted))
            else:
                for location, quantity in placed:
                    add(allocated(order, line_id, location, quantity))
        waiting = want - granted
        known = memory.pop((order, line_id), None) if memory else None
        if row in decisions.unchanged:
            continue
        if waiting or known:
            promises = promises_of(snapshot, decisions, row) if row in coming else ()
            tell(changes, (order, line_id), known, waiting, promises)
    if memory:
        # Remembered backorders of lines that owe nothing any more, or are gone.
        changes.extend(map(closed, memory.values()))
        sort_changes(changes)
    return back + changes if back else changes


def _net(taken: Sequence[Allocation], placed: Places) -> tuple[Places, Places]:
    """Say what a line lost and got, by location, that had some units and has others."""
    if len(taken) == len(placed) == 1 and placed[0] == (taken[0].location, taken[0].quantity):
        return (), ()
    before = {each.location: each.quantity for each in taken}
    now = dict(placed)
    lost = [(at, units - now.get(at, 0)) for at, units in sorted(before.items())]
    got = [(at, units - before.get(at, 0)) for at, units in sorted(now.items())]
    return tuple(each for each in lost if each[1] > 0), tuple(each for each in got if each[1] > 0)


def tell(
    changes: list[Change],
    key: LineKey,
    known: Backorder | None,
    waiting: int,
    promises: tuple[Promise, ...],
) -> None:
    """Add what is news of the backorder of a line."""
    if waiting != (known.quantity if known else 0):
        changes.append(backordered(*key, waiting))
    if waiting and promises != (known.promises if known else ()):
        changes.append(promised(*key, promises))


def closed(backorder: Backorder) -> Backordered:
    """Say that nothing waits any more of what was told."""
    return backordered(backorder.order, backorder.line, 0)


def sort_changes(changes: list[Change]) -> None:
    """Put changes in the order of orders and lines; those of a line stay in theirs."""
    changes.sort(key=lambda change: (change.order, change.line))


def _concerns(
    snapshot: Snapshot, backorder: Backorder, skus: Collection[Sku], *, is_part: bool
) -> bool:
    """
    Tell whether what is remembered is about a line of some SKUs.

    A line that is gone has no SKU any more, unless the snapshot is a part of a
    book: that knows which one it was, and holds nothing else.
    """
    line = snapshot.find_line(backorder.order, backorder.line)
    return is_part if line is None else line.sku in skus
