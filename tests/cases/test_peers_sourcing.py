"""
From which location units come, as other systems' tests and manuals say it.

Each case is named after its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from backorderkit import (
    FewestShipments,
    Fifo,
    FullestFirst,
    Hold,
    HoldId,
    InLocationOrder,
    Item,
    LineId,
    Location,
    Order,
    OrderLine,
    PlaceOrder,
    Placing,
    Plan,
    Sku,
    Snapshot,
    StockLevel,
    answer,
    plan,
)

MUG, CUP = Sku("MUG"), Sku("CUP")
UNTIL = datetime(2026, 2, 1, tzinfo=UTC)
IN_ORDER, FULLEST, FEWEST = InLocationOrder(), FullestFirst(), FewestShipments()
AVOIDING = InLocationOrder(split="avoid")


def shop(
    levels: Mapping[str, int],
    wanted: int,
    *,
    at: str | None = None,
    cups: tuple[Mapping[str, int], int] | None = None,
    held: Mapping[str, int] | None = None,
    items: tuple[Item, ...] | None = None,
) -> Snapshot:
    site = None if at is None else Location(at)
    lines = [OrderLine(id=LineId("1"), sku=MUG, ordered=wanted, location=site)]
    stock = [(MUG, levels)]
    if cups is not None:
        stock.append((CUP, cups[0]))
        lines.append(OrderLine(id=LineId("2"), sku=CUP, ordered=cups[1]))
    return Snapshot.of(
        as_of="2026-01-05",
        items=items,
        stock=[
            StockLevel(sku=sku, location=Location(name), on_hand=on_hand)
            for sku, there in stock
            for name, on_hand in there.items()
        ],
        orders=[Order.of("SO-1", "2026-01-02", lines)],
        holds=[
            Hold(
                id=HoldId("cart"),
                sku=MUG,
                location=Location(name),
                quantity=units,
                expires_at=UNTIL,
            )
            for name, units in (held or {}).items()
        ],
    )


def placed(made: Plan, line: int = 0) -> dict[str, int]:
    return {each.location: each.quantity for each in made.lines[line].allocations}


def by(placing: Placing, book: Snapshot) -> Plan:
    return plan(book, policy=Fifo(), placing=placing)


@pytest.mark.parametrize(
    ("placing", "levels", "at", "expected"),
    [
        pytest.param(FULLEST, {"A": 4, "B": 3}, None, {"A": 4, "B": 1}, id="highest first"),
        pytest.param(
            InLocationOrder(["B", "A"]), {"A": 4, "B": 3}, None, {"B": 3, "A": 2}, id="sort order"
        ),
        pytest.param(FULLEST, {"A": 9, "B": 5}, "B", {"B": 5}, id="pickup location"),
    ],
)
def test_saleor_stock_management(
    placing: Placing, levels: dict[str, int], at: str | None, expected: dict[str, int]
) -> None:
    """Saleor, warehouse/tests/test_stock_management.py: five are wanted."""
    assert placed(by(placing, shop(levels, 5, at=at))) == expected


def test_saleor_with_reservations() -> None:
    """
    Saleor, as above, with_reservations: 4 of which 2 are held, and 3; three are wanted.

    There the highest is the one with the most on the shelf, and two come from it.  Here
    what is held is not there: the fullest is the other, and one shipment does.
    """
    book = shop({"A": 4, "B": 3}, 3, held={"A": 2})

    assert placed(by(IN_ORDER, book)) == {"A": 2, "B": 1}
    assert placed(by(FULLEST, book)) == {"B": 3}


@pytest.mark.parametrize(
    ("placing", "levels", "expected"),
    [
        (FULLEST, {"A": 3, "B": 2}, {"A": 3, "B": 2}),
        (InLocationOrder(["B", "A"]), {"A": 4, "B": 3}, {"B": 3, "A": 2}),
    ],
)
def test_saleor_reservations(
    placing: Placing, levels: dict[str, int], expected: dict[str, int]
) -> None:
    """Saleor, warehouse/tests/test_stock_reservations_management.py: five are wanted."""
    assert placed(by(placing, shop(levels, 5))) == expected


def test_saleor_refuses_five_of_three() -> None:
    """Saleor, as above."""
    book = shop({"A": 2, "B": 1}, 1)
    empty = Snapshot.of(as_of=book.as_of, stock=book.stock)
    order = PlaceOrder(order=Order.of("SO-9", "2026-01-05", {"MUG": 5}), shortfall="refuse")

    refused = answer(empty, order, policy=Fifo(), placing=FULLEST)

    (short,) = refused.refusal
    assert (short.sku, short.wanted, short.available) == (MUG, 5, 3)


def test_solidus_on_hand_first() -> None:
    """Solidus, stock/allocator/on_hand_first_spec: everything is at the default location."""
    levels = {"default": 100, "other": 0}

    made = by(InLocationOrder(["default"]), shop(levels, 30, cups=(levels, 5)))

    assert (placed(made), placed(made, 1)) == ({"default": 30}, {"default": 5})


def test_solidus_on_hand_first_across_locations() -> None:
    """
    Solidus, as above: 10 and 2 of the one, 10 of the other; 15 and 5 are wanted.

    There the last 3 are backordered at the second location.  Here what waits is nowhere.
    """
    made = by(
        InLocationOrder(["default"]),
        shop({"default": 10, "second": 2}, 15, cups=({"default": 10, "second": 0}, 5)),
    )

    assert (placed(made), placed(made, 1)) == ({"default": 10, "second": 2}, {"default": 5})
    assert [line.backordered for line in made.lines] == [3, 0]


@pytest.mark.parametrize(
    ("levels", "packages"),
    [((2, 3), 2), ((0, 5), 1), ((3, 3, 3), 2), ((2, 2, 2), 3)],
)
def test_solidus_simple_coordinator(levels: tuple[int, ...], packages: int) -> None:
    """Solidus, stock/simple_coordinator_spec: five are wanted, from so many packages."""
    book = shop({f"L{place}": units for place, units in enumerate(levels)}, 5)

    for placing in (IN_ORDER, FEWEST, FULLEST):
        made = by(placing, book)
        assert sum(placed(made).values()) == 5
        assert len(placed(made)) == packages


def test_solidus_simple_coordinator_refuses() -> None:
    """Solidus, as above: one and one for five, and no backorders."""
    empty = Snapshot.of(as_of="2026-01-05", stock=shop({"L0": 1, "L1": 1}, 5).stock)
    order = PlaceOrder(order=Order.of("SO-9", "2026-01-05", {"MUG": 5}), shortfall="refuse")

    refused = answer(empty, order, policy=Fifo(), placing=FEWEST)

    assert [(short.sku, short.available) for short in refused.refusal] == [(MUG, 2)]


TENTHS = (Item(sku=MUG, unit="kg", decimals=1), Item(sku=CUP))


@pytest.mark.parametrize(
    ("placing", "wanted", "expected", "short"),
    [
        (IN_ORDER, 70, {"A": 55, "B": 15}, 0),
        (IN_ORDER, 150, {"A": 55, "B": 30}, 65),
        (InLocationOrder(["B", "A"]), 50, {"B": 30, "A": 20}, 0),
    ],
)
def test_magento_source_selection(
    placing: Placing, wanted: int, expected: dict[str, int], short: int
) -> None:
    """Magento, GetDefaultSortedSourcesResultTest: sources of 5.5 and 3."""
    made = by(placing, shop({"A": 55, "B": 30}, wanted, items=TENTHS))

    assert placed(made) == expected
    assert made.lines[0].backordered == short


def test_magento_source_selection_for_two_products() -> None:
    """Magento, SourceSelectionServiceTest: 8, and 4 of 6 of another product."""
    book = shop({"A": 55, "B": 30}, 80, cups=({"A": 6}, 4), items=TENTHS)

    made = by(IN_ORDER, book)

    assert (placed(made), placed(made, 1)) == ({"A": 55, "B": 25}, {"A": 4})


def test_vendure_takes_from_the_second_only_what_is_missing() -> None:
    """Vendure, issue 4030: 10 and 15, 13 are wanted; it took 10 and 13."""
    assert placed(by(IN_ORDER, shop({"A": 10, "B": 15}, 13))) == {"A": 10, "B": 3}
    assert placed(by(AVOIDING, shop({"A": 10, "B": 15}, 13))) == {"B": 13}


def test_solidus_a_location_never_goes_below_zero() -> None:
    """Solidus, issue 2285: 10 and 10; all 15 were moved to the second, which had -5 then."""
    apart = by(IN_ORDER, shop({"A": 10, "B": 10}, 15))
    moved = by(IN_ORDER, shop({"A": 10, "B": 10}, 15, at="B"))

    assert placed(apart) == {"A": 10, "B": 5}
    assert (placed(moved), moved.lines[0].backordered) == ({"B": 10}, 5)
    assert all(each.available >= 0 for each in moved.outcome.positions)


@pytest.mark.parametrize("placing", [AVOIDING, FEWEST, InLocationOrder(split="never")])
def test_sap_full_confirmation_from_one_plant(placing: Placing) -> None:
    """SAP S/4HANA, alternative-based confirmation, full confirmation: 23 from 0, 10 and 30."""
    made = by(placing, shop({"1000": 0, "1010": 10, "1020": 30}, 23))

    assert placed(made) == {"1020": 23}


def test_sterling_own_segment_before_the_common_one() -> None:
    """
    IBM Sterling, segments, in two nodes: 3, 5 and 7 in the one, 2, 4 and 4 in the other.

    Segments are locations here, and the list says which stand open to whom.  An order of
    10 of segment 2 leaves 3, 0, 7 and 2, 0, 3; one of 16 of segment 1 finds 15.
    """
    levels = {"N1 s1": 3, "N1 s2": 5, "N1": 7, "N2 s1": 2, "N2 s2": 4, "N2": 4}
    first = by(InLocationOrder(["N1 s2", "N2 s2", "N2", "N1"]), shop(levels, 10))
    assert placed(first) == {"N1 s2": 5, "N2 s2": 4, "N2": 1}

    order = PlaceOrder(order=Order.of("SO-2", "2026-01-05", {"MUG": 16}))
    then = answer(
        first.outcome,
        order,
        policy=Fifo(),
        placing=InLocationOrder(["N1 s1", "N2 s1", "N1", "N2"]),
    )

    assert (then.plan.lines[1].allocated, then.plan.lines[1].backordered) == (15, 1)
