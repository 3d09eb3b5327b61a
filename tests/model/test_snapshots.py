"""A snapshot is checked as a whole, and equal content is an equal snapshot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from backorderkit import (
    Allocation,
    Backorder,
    BackorderKitError,
    InvalidInputError,
    InvalidValueError,
    Item,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    StockLevel,
)

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LINE = OrderLine(id=LineId("1"), sku=Sku("MUG"), ordered=5)
ORDER = Order.of("SO-1", "2026-01-02", [LINE, attrs.evolve(LINE, id=LineId("2"), sku=Sku("CUP"))])
STOCK = StockLevel(sku=Sku("MUG"), on_hand=3)
RECEIPT = ScheduledReceipt(id=ReceiptId("PO-7"), sku=Sku("MUG"), quantity=5, due=NOON)
HELD = Allocation(order=OrderId("SO-1"), line=LineId("1"), quantity=2)
OPEN = Backorder(order=OrderId("SO-1"), line=LineId("1"), quantity=3, opened_at=NOON)
ITEMS = [Item(sku=Sku("MUG")), Item(sku=Sku("CUP"), unit="kg", decimals=3)]
PARTS: dict[str, Any] = {
    "as_of": NOON,
    "items": ITEMS,
    "stock": [STOCK],
    "receipts": [RECEIPT],
    "orders": [ORDER],
    "allocations": [HELD],
    "backorders": [OPEN],
}


def problems(**changes: object) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        Snapshot(**{**PARTS, **changes})
    return [str(problem) for problem in caught.value.exceptions]


SHOP = Location("SHOP")
KEY = "(order SO-1, line 1, SKU MUG, location MAIN)"
FAULTS: list[tuple[dict[str, object], str]] = [
    ({"items": [*ITEMS, ITEMS[0]]}, "items[2].sku: got 'MUG', must be unique (SKU MUG)"),
    (
        {"items": [ITEMS[0]]},
        "orders[0].lines[1].sku: got 'CUP', must be one of the items (order SO-1, line 2, SKU CUP)",
    ),
    (
        {"stock": [STOCK, STOCK]},
        "stock[1].location: got 'MAIN', must be unique per SKU (SKU MUG, location MAIN)",
    ),
    (
        {"stock": [STOCK, attrs.evolve(STOCK, sku=Sku("X"))]},
        "stock[1].sku: got 'X', must be one of the items (SKU X, location MAIN)",
    ),
    (
        {"receipts": [RECEIPT, RECEIPT]},
        "receipts[1].id: got 'PO-7', must be unique (receipt PO-7, SKU MUG, location MAIN)",
    ),
    (
        {"receipts": [attrs.evolve(RECEIPT, sku=Sku("X"))]},
        "receipts[0].sku: got 'X', must be one of the items (receipt PO-7, SKU X, location MAIN)",
    ),
    ({"orders": [ORDER, ORDER]}, "orders[1].id: got 'SO-1', must be unique (order SO-1)"),
    (
        {"allocations": [HELD, attrs.evolve(HELD, quantity=1)]},
        f"allocations[1].location: got 'MAIN', must be unique per order line {KEY}",
    ),
    (
        {"allocations": [attrs.evolve(HELD, line=LineId("9"))]},
        "allocations[0].line: got '9', must name an existing order line"
        " (order SO-1, line 9, location MAIN)",
    ),
    (
        {"allocations": [attrs.evolve(HELD, quantity=4)]},
        f"allocations[0].quantity: got 4, must fit the stock: 4 allocated of 3 on hand {KEY}",
    ),
    (
        {
            "allocations": [attrs.evolve(HELD, quantity=6)],
            "stock": [attrs.evolve(STOCK, on_hand=9)],
        },
        f"allocations[0].quantity: got 6, must fit the line: 6 allocated of 5 outstanding {KEY}",
    ),
    (
        {"orders": [Order.of("SO-1", NOON, [attrs.evolve(LINE, location=SHOP)])]},
        "allocations[0].location: got 'MAIN', must be the line's own location SHOP"
        " (order SO-1, line 1, SKU MUG, location MAIN)",
    ),
    (
        {"backorders": [OPEN, OPEN]},
        "backorders[1].line: got '1', must be unique per order (order SO-1, line 1)",
    ),
    ({"orders": [ORDER, "SO-2"]}, "orders[1]: got 'SO-2', must be of type Order"),
    ({"as_of": datetime(2026, 1, 5)}, "as_of: got datetime.datetime(2026, 1, 5, 0, 0), must have"),  # noqa: DTZ001
]


@pytest.mark.parametrize(("changes", "expected"), FAULTS)
def test_what_does_not_fit_together_is_refused_with_its_path(
    changes: dict[str, object], expected: str
) -> None:
    (found,) = problems(**changes)

    assert found.startswith(expected)


def test_quantities_in_problems_are_written_in_the_items_unit() -> None:
    cup = attrs.evolve(HELD, line=LineId("2"), quantity=2500)

    (found,) = problems(
        orders=[
            Order.of(
                "SO-1",
                NOON,
                [LINE, attrs.evolve(LINE, id=LineId("2"), sku=Sku("CUP"), ordered=9000)],
            )
        ],
        allocations=[HELD, cup],
    )

    assert "got '2.5', must fit the stock: 2.5 allocated of 0 on hand" in found


def test_all_faults_come_at_once_and_can_be_caught_one_by_one() -> None:
    caught: list[str] = []

    try:
        Snapshot(**{**PARTS, "stock": [STOCK, STOCK], "orders": [ORDER, ORDER]})
    except* InvalidValueError as group:
        caught = [error.path for error in group.exceptions if isinstance(error, InvalidValueError)]

    assert caught == ["stock[1].location", "orders[1].id"]


def test_a_refused_whole_is_an_error_of_ours() -> None:
    with pytest.raises(BackorderKitError, match="snapshot: 2 problems"):
        Snapshot(**{**PARTS, "stock": [STOCK, STOCK], "orders": [ORDER, ORDER]})


@pytest.mark.parametrize("pool", [5, ("MUG",), ("MUG", "MAIN", "A"), None])
def test_stock_by_anything_but_sku_and_location_is_refused(pool: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Snapshot.of(as_of=NOON, stock={pool: 3})  # type: ignore[arg-type]

    (problem,) = caught.value.exceptions
    assert "must be a SKU or a pair of SKU and location" in str(problem)


def paths(error: InvalidInputError) -> list[str]:
    return [str(problem).partition(": got")[0] for problem in error.exceptions]


def test_what_is_no_iterable_is_refused_with_all_else() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Snapshot.of(as_of="soon", stock={"MUG": -1, "": 1.5}, orders=7, receipts=3)  # type: ignore[arg-type]

    assert paths(caught.value) == [
        "as_of",
        "stock['MUG'].on_hand",
        "stock[''].sku",
        "stock[''].on_hand",
        "receipts",
        "orders",
    ]


def test_what_is_of_another_type_hides_no_fault_and_makes_none() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Snapshot(
            as_of=NOON.replace(tzinfo=None),
            stock=[STOCK, "MUG", STOCK],  # type: ignore[list-item]
            orders=[5, ORDER, 6, ORDER],  # type: ignore[list-item]
            allocations=[
                Allocation(order=OrderId("SO-9"), line=LineId("1"), quantity=1),
            ],
        )

    assert paths(caught.value) == [
        "as_of",
        "stock[1]",
        "orders[0]",
        "orders[2]",
        "stock[2].location",
        "orders[3].id",
    ]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Snapshot.of(as_of="2026-01-05T12:00:00Z", stock={"MUG": 3}), id="sku"),
        pytest.param(
            lambda: Snapshot.of(as_of=NOON, stock={("MUG", "MAIN"): 3}), id="sku and location"
        ),
        pytest.param(lambda: Snapshot.of(as_of=NOON, stock=[STOCK]), id="levels"),
        pytest.param(
            lambda: Snapshot(as_of=NOON.astimezone(timezone(timedelta(hours=9))), stock=[STOCK]),
            id="another zone",
        ),
    ],
)
def test_every_short_form_gives_the_same_snapshot(make: Callable[[], Snapshot]) -> None:
    assert make() == Snapshot(as_of=NOON, stock=[STOCK])


def test_positions_and_lines_carry_what_is_allocated() -> None:
    snapshot = Snapshot(**PARTS)

    assert snapshot.position(Sku("MUG")).unallocated == 1
    assert snapshot.position(Sku("MUG"), SHOP).on_hand == 0
    assert [position.allocated for position in snapshot.positions] == [2]
    assert snapshot.line(OrderId("SO-1"), LineId("1")).unallocated == 3
    assert snapshot.line(OrderId("SO-1"), LineId("2")).unallocated == 5
    assert snapshot.find_line(OrderId("SO-1"), LineId("9")) is None
    with pytest.raises(KeyError):
        snapshot.line(OrderId("SO-1"), LineId("9"))


def test_items_are_found_or_taken_by_default() -> None:
    assert Snapshot(**PARTS).item(Sku("CUP")).decimals == 3
    assert Snapshot(as_of=NOON).item(Sku("CUP")) == Item(sku=Sku("CUP"))
    with pytest.raises(KeyError):
        Snapshot(**PARTS).item(Sku("X"))
