"""The difference between what a snapshot remembers and what a run decided."""

from __future__ import annotations

from backorderkit.changes import Allocated, Backordered, Change, Promised
from backorderkit.model.snapshot import Snapshot
from backorderkit.planning.book import Book
from backorderkit.planning.lines import promises_of
from backorderkit.planning.sharing import Decisions
from backorderkit.planning.views import places_of


def changes_of(snapshot: Snapshot, book: Book, decisions: Decisions) -> list[Change]:
    """
    List what changes, and nothing else, sorted by order and line.

    Within a line its allocations come first, by location, then its backorder,
    then its promises: each can be applied when those before it are.
    """
    memory = {(backorder.order, backorder.line): backorder for backorder in snapshot.backorders}
    changes: list[Change] = []
    for rank in book.by_id():
        line, order = book.lines[rank].id, book.owners[rank].id
        granted = decisions.granted[rank]
        if granted:
            for location, quantity in places_of(book, decisions, rank):
                changes.append(
                    Allocated(order=order, line=line, location=location, quantity=quantity)
                )
        waiting = book.lines[rank].outstanding - book.held[rank] - granted
        known = memory.pop((order, line), None) if memory else None
        if waiting != (known.quantity if known else 0):
            changes.append(Backordered(order=order, line=line, quantity=waiting))
        if waiting:
            promises = promises_of(snapshot, decisions, rank)
            if promises != (known.promises if known else ()):
                changes.append(Promised(order=order, line=line, promises=promises))
    if memory:
        # Remembered backorders of lines that owe nothing any more, or are gone.
        changes.extend(Backordered(order=order, line=line, quantity=0) for order, line in memory)
        changes.sort(key=lambda change: (change.order, change.line))
    return changes
