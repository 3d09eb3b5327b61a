"""Which open lines fall into which segment, before anything is planned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.planning.open_lines import OpenLines, open_lines
from backorderkit.policies.segments import Segment, check_segments, sorter_of
from backorderkit.policies.sorting import bits_of


@attrs.frozen(kw_only=True)
class PreviewLine:
    """
    An open line, and where it fell.

    Attributes:
        order: Its order's id.
        line: Its own id.
        sku: What it wants.
        outstanding: What is still owed: ordered - shipped - cancelled.
        allocated: What it holds of it already.
        segment: The first segment that it matches; None if there is none.
        also: Later ones that it matches too, in the order of the list: where it would
            fall if the first were not there.
    """

    order: OrderId
    line: LineId
    sku: Sku
    outstanding: int
    allocated: int
    segment: str | None
    also: tuple[str, ...]

    @property
    def key(self) -> LineKey:
        """Its order's id, and its own."""
        return self.order, self.line


@attrs.frozen(kw_only=True)
class PreviewUnits:
    """
    Sums over the lines of a segment that are counted in one unit.

    Attributes:
        unit: Name of the unit.
        decimals: The sums are integers of ``10**-decimals`` units: the finest that any
            item of this unit is counted in.
        outstanding: Sum of what is still owed.
        allocated: Sum of what they hold of it already.
    """

    unit: str
    decimals: int
    outstanding: int
    allocated: int


@attrs.frozen(kw_only=True)
class PreviewSegment:
    """
    What fell into one segment.

    Attributes:
        name: The segment's; None for the lines that match none.
        lines: Its lines, sorted by order id and line id.
        by_unit: Their sums for each unit, sorted by its name.
        also: The lines that match it too but fell into an earlier one, sorted.
    """

    name: str | None
    lines: tuple[PreviewLine, ...]
    by_unit: tuple[PreviewUnits, ...]
    also: tuple[LineKey, ...]


@attrs.frozen(kw_only=True)
class Preview:
    """
    Where every open line falls.

    Attributes:
        lines: All open lines, sorted by order id and line id.
        segments: What fell into each segment, in the order of the list, the empty too.
        rest: What fell into none.
    """

    lines: tuple[PreviewLine, ...]
    segments: tuple[PreviewSegment, ...]
    rest: PreviewSegment

    def segment(self, name: str, /) -> PreviewSegment:
        """
        Give what fell into a segment.

        Raises:
            InvalidValueError: if there is no segment of this name.
        """
        for each in self.segments:
            if each.name == name:
                return each
        raise InvalidValueError(field="name", value=name, reason="must be the name of a segment")


def preview(snapshot: Snapshot, segments: Iterable[Segment]) -> Preview:
    """
    Sort the open lines of a book into segments, and change nothing.

    Days are counted from the snapshot's moment.  O(lines x segments), and O(n log n)
    for the sums.

    Args:
        snapshot: The book; every line with something outstanding is sorted.
        segments: The list; a line falls into the first that it matches.

    Raises:
        InvalidValueError: if it is no snapshot, or as ``check_segments`` does.

    >>> from backorderkit.model.orders import Order
    >>> from backorderkit.policies.conditions import Condition
    >>> book = Snapshot.of(
    ...     as_of="2026-01-05",
    ...     orders=[
    ...         Order.of("SO-1", "2026-01-02", {"MUG": 5}, channel="web"),
    ...         Order.of("SO-2", "2026-01-02", {"MUG": 2}),
    ...     ],
    ... )
    >>> web = Segment("web", include=[Condition(attribute="channel", one_of=["web"])])
    >>> found = preview(book, [web])
    >>> [line.order for line in found.segment("web").lines], found.rest.by_unit
    (['SO-1'], (PreviewUnits(unit='pcs', decimals=0, outstanding=2, allocated=0),))
    """
    if not isinstance(snapshot, Snapshot):
        raise InvalidValueError(field="snapshot", value=snapshot, reason="must be a Snapshot")
    taken = check_segments(segments)
    book = open_lines(snapshot)
    masks = sorter_of(taken, snapshot.as_of).masks(book.owners, book.lines)
    matched = {mask: tuple(bits_of(mask)) for mask in set(masks)}
    names = [each.name for each in taken]
    lines = tuple(_lines(book, [matched[mask] for mask in masks], names))
    inside: list[list[PreviewLine]] = [[] for _ in (*names, None)]
    also: list[list[LineKey]] = [[] for _ in names]
    for mask, line in zip(masks, lines, strict=True):
        first, *later = matched[mask] or (-1,)
        inside[first].append(line)
        for place in later:
            also[place].append(line.key)
    return Preview(
        lines=lines,
        segments=tuple(
            PreviewSegment(
                name=name,
                lines=tuple(inside[place]),
                by_unit=_by_unit(snapshot, inside[place]),
                also=tuple(also[place]),
            )
            for place, name in enumerate(names)
        ),
        rest=PreviewSegment(
            name=None, lines=tuple(inside[-1]), by_unit=_by_unit(snapshot, inside[-1]), also=()
        ),
    )


def _lines(
    book: OpenLines, matched: Sequence[Sequence[int]], names: Sequence[str]
) -> Iterable[PreviewLine]:
    """Make the lines, which the book has sorted by order id and line id."""
    for row, places in enumerate(matched):
        order, line = book.owners[row], book.lines[row]
        yield PreviewLine(
            order=order.id,
            line=line.id,
            sku=line.sku,
            outstanding=line.outstanding,
            allocated=line.outstanding - book.wants[row],
            segment=names[places[0]] if places else None,
            also=tuple([names[place] for place in places[1:]]),
        )


def _by_unit(snapshot: Snapshot, lines: Iterable[PreviewLine]) -> tuple[PreviewUnits, ...]:
    """Sum lines up, unit by unit: unlike units never add up."""
    sums = dict[Sku, tuple[int, int]]()
    for line in lines:
        outstanding, allocated = sums.get(line.sku, (0, 0))
        sums[line.sku] = outstanding + line.outstanding, allocated + line.allocated
    by_unit = dict[str, list[tuple[int, int, int]]]()
    for sku, (outstanding, allocated) in sums.items():
        unit = snapshot.item(sku).measure
        by_unit.setdefault(unit.name, []).append((unit.decimals, outstanding, allocated))
    return tuple(_units(name, by_unit[name]) for name in sorted(by_unit))


def _units(name: str, rows: Sequence[tuple[int, int, int]]) -> PreviewUnits:
    finest = max(decimals for decimals, _, _ in rows)
    scaled = [(int(10 ** (finest - decimals)), owed, held) for decimals, owed, held in rows]
    return PreviewUnits(
        unit=name,
        decimals=finest,
        outstanding=sum(factor * owed for factor, owed, _ in scaled),
        allocated=sum(factor * held for factor, _, held in scaled),
    )
