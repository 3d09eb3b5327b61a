"""A store's history, told commit by commit to whoever was not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from backorderkit.model.snapshot import Snapshot
from backorderkit.planning import Book, Notice, apply, notices
from backorderkit.storage.protocol import Committed


@attrs.frozen(kw_only=True)
class Published:
    """
    What one commit is to be told of; made by `published`.

    Attributes:
        commit: Which commit.
        notices: What to tell, in this order; it may be nothing.
        after: What is true after it: the start for the commits after it.  Every SKU
            exists in it, since a history does not tell which do.
    """

    commit: Committed
    notices: tuple[Notice, ...]
    after: Book = attrs.field(repr=False)


def published(history: Iterable[Committed], *, start: Snapshot | Book) -> Iterator[Published]:
    """
    Tell a history: the notices of each commit, named by its key.

    Told again from the same start, or from an *after* on the way, each commit gives the
    same notices with the same ids.

    Args:
        history: Commits without a gap, such as `Store.history` gives them.
        start: What was true before the first of them.

    Raises:
        InvalidInputError: if a commit does not fit what was true before it.
        InvalidValueError: if *start* is no snapshot and no book.

    >>> from backorderkit import Fifo, Order, PlaceOrder
    >>> from backorderkit.service import Backorders
    >>> from backorderkit.storage import MemoryStore
    >>> start = Snapshot.of(as_of="2026-01-05", stock={"MUG": 3})
    >>> store = MemoryStore(start)
    >>> order = PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 5}))
    >>> done = Backorders(store, policy=Fifo()).do(order, key="web-4711")
    >>> for told in published(store.history(), start=start):
    ...     print(told.commit.sequence, [notice.kind for notice in told.notices])
    1 ['placed', 'allocated', 'opened']
    """
    now = Book.of(start) if isinstance(start, Snapshot) else start
    # Items may have been defined since; what was committed fitted them.
    now = attrs.evolve(now, items=None)
    for commit in history:
        before = now.at(commit.as_of)
        now = apply(before, commit.facts)
        told = notices(commit.facts, before=before, id=commit.key)
        yield Published(commit=commit, notices=told, after=now)
