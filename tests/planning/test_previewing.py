"""A preview: where every open line falls, with sums."""

from __future__ import annotations

from typing import Never

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    Condition,
    InvalidValueError,
    Item,
    Order,
    PreviewUnits,
    Segment,
    Sku,
    Snapshot,
    preview,
)
from backorderkit.testing import snapshots
from tests.planning.books import AS_OF, book, held, order, stock
from tests.policies.segmented import is_in

SEGMENTS = [
    Segment("mugs", include=[Condition(attribute="sku", one_of=["MUG"])]),
    Segment("soon", include=[Condition(attribute="requested", to_day=2)]),
    Segment("large", exclude=[Condition(attribute="outstanding", most=3)]),
    Segment("east", include=[Condition(attribute="location", starts_with="E")]),
]


@given(snapshot=snapshots(), listed=st.permutations(SEGMENTS))
def test_every_open_line_falls_where_it_says_by_itself(
    snapshot: Snapshot, listed: list[Segment]
) -> None:
    found = preview(snapshot, listed)

    expected = []
    for each in snapshot.orders:
        for line in each.lines:
            if line.outstanding:
                names = [part.name for part in listed if is_in(part, (each, line), snapshot.as_of)]
                allocated = snapshot.line(each.id, line.id).allocated
                first = names[0] if names else None
                expected.append(
                    (each.id, line.id, line.sku, line.outstanding, allocated, first, names[1:])
                )
    assert [
        (x.order, x.line, x.sku, x.outstanding, x.allocated, x.segment, list(x.also))
        for x in found.lines
    ] == expected


@given(snapshot=snapshots())
def test_the_parts_are_the_whole(snapshot: Snapshot) -> None:
    found = preview(snapshot, SEGMENTS)

    assert [part.name for part in found.segments] == [each.name for each in SEGMENTS]
    for part in (*found.segments, found.rest):
        assert part.lines == tuple(each for each in found.lines if each.segment == part.name)
        assert part.also == tuple(each.key for each in found.lines if part.name in each.also)
        for sums in part.by_unit:
            inside = [
                (10 ** (sums.decimals - item.measure.decimals), each)
                for each in part.lines
                if (item := snapshot.item(each.sku)).measure.name == sums.unit
            ]
            assert sums.outstanding == sum(factor * each.outstanding for factor, each in inside)
            assert sums.allocated == sum(factor * each.allocated for factor, each in inside)
        units = {snapshot.item(each.sku).measure.name for each in part.lines}
        assert [sums.unit for sums in part.by_unit] == sorted(units)


@given(snapshot=snapshots(), data=st.data())
def test_the_order_of_the_book_does_not_matter(snapshot: Snapshot, data: st.DataObject) -> None:
    shuffled = attrs.evolve(snapshot, orders=data.draw(st.permutations(snapshot.orders)))

    assert preview(shuffled, SEGMENTS) == preview(snapshot, SEGMENTS)


def test_sums_are_kept_apart_by_unit() -> None:
    shop = book(
        [stock(4)],
        [order("SO-1", 5), order("SO-2", 2), order("SO-3", 1500, sku="TEA"), order("SO-4", 3)],
        allocations=[held("SO-1", 3)],
        items=[Item(sku=Sku("MUG")), Item(sku=Sku("TEA"), unit="kg", decimals=3)],
    )

    (all_,) = preview(shop, [Segment("all")]).segments

    assert all_.by_unit == (
        PreviewUnits(unit="kg", decimals=3, outstanding=1500, allocated=0),
        PreviewUnits(unit="pcs", decimals=0, outstanding=10, allocated=3),
    )


def test_sums_are_in_the_finest_parts_of_a_unit() -> None:
    shop = book(
        [stock(4)],
        [order("SO-1", 5), order("SO-2", 1500, sku="TEA")],
        allocations=[held("SO-1", 3)],
        items=[Item(sku=Sku("MUG"), unit="kg"), Item(sku=Sku("TEA"), unit="kg", decimals=3)],
    )

    (all_,) = preview(shop, [Segment("all")]).segments

    kilos = PreviewUnits(unit="kg", decimals=3, outstanding=6500, allocated=3000)
    assert all_.by_unit == (kilos,)


def test_lines_that_are_done_are_in_no_segment() -> None:
    found = preview(book(orders=[order("SO-1", 5, shipped=3, cancelled=2)]), [Segment("all")])

    assert found.lines == found.rest.lines == found.segment("all").lines == ()
    assert found.rest.by_unit == ()


def test_a_segment_is_found_by_its_name() -> None:
    found = preview(book(orders=[order("SO-1", 5)]), [Segment("none", exclude=MUGS), Segment("b")])

    assert [each.key for each in found.segment("b").lines] == [("SO-1", "1")]
    assert not found.segment("none").lines
    with pytest.raises(InvalidValueError, match="must be the name of a segment"):
        found.segment("c")


MUGS = [Condition(attribute="sku", starts_with="M")]


def test_days_are_counted_from_the_moment_of_the_book() -> None:
    overdue = [Segment("old", include=[Condition(attribute="placed_at", to_day=-7)])]
    orders = [Order.of("SO-1", "2026-01-02", {"MUG": 5})]

    assert not preview(Snapshot.of(as_of=AS_OF, orders=orders), overdue).segment("old").lines
    later = Snapshot.of(as_of="2026-01-09", orders=orders)
    assert preview(later, overdue).segment("old").lines


@pytest.mark.parametrize("wrong", [None, "book", Snapshot])
def test_what_is_no_book_is_refused(wrong: Never) -> None:
    with pytest.raises(InvalidValueError, match="must be a Snapshot"):
        preview(wrong, [])


def test_segments_are_checked() -> None:
    with pytest.raises(InvalidValueError, match="must be unique"):
        preview(book(), [Segment("a"), Segment("a")])
