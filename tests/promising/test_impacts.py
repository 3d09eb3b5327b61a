"""What slips when receipts move, on books small enough to see it."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

import attrs
import pytest

from backorderkit import (
    Fifo,
    InvalidInputError,
    InvalidValueError,
    Item,
    LineId,
    Location,
    Order,
    OrderLine,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    Unit,
)
from backorderkit.model import read_time
from backorderkit.promising import (
    Impact,
    ReceiptMove,
    SlipSums,
    UnitSlips,
    ValueSlips,
    impact,
)

MUG = Sku("MUG")
MAIN, SHOP = Location("MAIN"), Location("SHOP")


def receipt(
    id_: str, quantity: int, due: str, *, sku: str = "MUG", at: str = "MAIN"
) -> ScheduledReceipt:
    return ScheduledReceipt(
        id=ReceiptId(id_),
        sku=Sku(sku),
        quantity=quantity,
        due=read_time(due),
        location=Location(at),
    )


def move(
    id_: str, *, due: str | None = None, quantity: int | None = None, gone: bool = False
) -> ReceiptMove:
    when = None if due is None else read_time(due)
    return ReceiptMove(receipt=ReceiptId(id_), due=when, quantity=quantity, gone=gone)


def line(
    ordered: int,
    *,
    sku: str = "MUG",
    at: str | None = None,
    price: str | None = None,
    currency: str | None = None,
    requested: str | None = None,
) -> OrderLine:
    return OrderLine(
        id=LineId("1"),
        sku=Sku(sku),
        ordered=ordered,
        location=None if at is None else Location(at),
        unit_price=None if price is None else Decimal(price),
        currency=currency,
        requested=None if requested is None else read_time(requested),
    )


def orders(*lines: OrderLine, customer: str = "") -> list[Order]:
    """An order a line, one a minute."""
    minutes = count()
    return [
        Order.of(f"SO-{n + 1}", f"2026-01-02T09:0{n}:00Z", [each], customer=customer)
        for n, each in zip(minutes, lines, strict=False)
    ]


def shop(**parts: object) -> Snapshot:
    return Snapshot.of(as_of="2026-01-05T09:00:00Z", **parts)  # type: ignore[arg-type]


def seen(found: Impact) -> list[tuple[str, int, str, int | None]]:
    return [(slip.order, slip.quantity, slip.kind, slip.days_later) for slip in found.lines]


TWO = [receipt("PO-1", 5, "2026-01-10"), receipt("PO-2", 5, "2026-01-20")]


def test_a_late_receipt_is_overtaken_by_the_next_one() -> None:
    book = shop(receipts=TWO, orders=orders(line(5), line(3), line(4)))

    found = impact(book, [move("PO-1", due="2026-01-25")], policy=Fifo())

    assert seen(found) == [
        ("SO-1", 5, "later", 10),
        ("SO-2", 3, "later", 5),
        ("SO-3", 2, "later", 5),
    ]
    assert found.lines[0].before == read_time("2026-01-10")
    assert found.lines[0].after == read_time("2026-01-20")
    assert (found.receipts[0].before, found.receipts[0].after) == (
        TWO[0],
        attrs.evolve(TWO[0], due=read_time("2026-01-25")),
    )


def test_what_has_no_date_any_more_is_worst() -> None:
    book = shop(receipts=TWO, orders=orders(line(5), line(5)))

    found = impact(book, [move("PO-1", quantity=2)], policy=Fifo())

    assert seen(found) == [("SO-2", 3, "lost", None), ("SO-1", 3, "later", 10)]
    assert found.lines[0].after is None


def test_supply_that_comes_sooner_or_grows_is_listed_last() -> None:
    book = shop(receipts=TWO, orders=orders(line(5), line(5), line(2)))

    found = impact(
        book,
        [move("PO-1", due="2026-01-12"), move("PO-2", due="2026-01-18", quantity=7)],
        policy=Fifo(),
    )

    assert seen(found) == [
        ("SO-1", 5, "later", 2),
        ("SO-2", 5, "earlier", -2),
        ("SO-3", 2, "gained", None),
    ]
    assert found.lines[2].before is None


def test_a_free_line_may_leave_to_a_bound_one_what_it_got_elsewhere() -> None:
    """
    The one way in which a later receipt makes a line better.
    """
    receipts = [receipt("PO-1", 1, "2026-01-10"), receipt("PO-2", 1, "2026-01-20", at="SHOP")]
    book = shop(receipts=receipts, orders=orders(line(1), line(1, at="MAIN")))

    found = impact(book, [move("PO-1", due="2026-01-25")], policy=Fifo())

    assert seen(found) == [("SO-1", 1, "later", 10), ("SO-2", 1, "gained", None)]


def test_a_move_within_the_day_moves_no_date() -> None:
    book = shop(receipts=TWO, orders=orders(line(5)))

    found = impact(book, [move("PO-1", due="2026-01-10T18:00:00Z")], policy=Fifo())

    assert found.lines == ()
    assert found.totals == SlipSums(lines=0, missed=0, units=(), values=(), unpriced=0)


def test_without_moves_nothing_slips() -> None:
    assert impact(shop(receipts=TWO), [], policy=Fifo()).lines == ()


@pytest.mark.parametrize(
    ("requested", "missed_before", "missed"),
    [
        (None, False, False),
        ("2026-01-20", False, False),
        ("2026-01-20T08:00:00Z", False, False),
        ("2026-01-19", False, True),
        ("2026-01-10", False, True),
        ("2026-01-09", True, True),
    ],
)
def test_a_day_asked_for_is_missed_by_the_day(
    *, requested: str | None, missed_before: bool, missed: bool
) -> None:
    receipts = [receipt("PO-1", 5, "2026-01-10T12:00:00Z")]
    book = shop(receipts=receipts, orders=orders(line(5, requested=requested)))

    found = impact(book, [move("PO-1", due="2026-01-20T12:00:00Z")], policy=Fifo())

    (slip,) = found.lines
    assert (slip.missed_before, slip.missed) == (missed_before, missed)
    assert found.totals.missed == (missed and not missed_before)


def test_a_lost_date_misses_any_day_asked_for() -> None:
    book = shop(receipts=TWO, orders=orders(line(5, requested="2027-01-01")))

    (slip,) = impact(book, [move("PO-1", gone=True), move("PO-2", gone=True)], policy=Fifo()).lines

    assert slip.missed


def test_sums_never_add_unlike_units_or_currencies() -> None:
    items = [
        Item(sku=MUG),
        Item(sku=Sku("RICE"), unit="kg", decimals=1),
        Item(sku=Sku("SALT"), unit="kg", decimals=3),
    ]
    receipts = [
        receipt("PO-1", 5, "2026-01-10"),
        receipt("PO-2", 20, "2026-01-10", sku="RICE"),
        receipt("PO-3", 1500, "2026-01-10", sku="SALT"),
    ]
    wanted = orders(
        line(5, price="9.90", currency="EUR"),
        line(20, sku="RICE", price="2.5", currency="USD"),
        line(1500, sku="SALT"),
        customer="Ann",
    )
    book = shop(items=items, receipts=receipts, orders=wanted)

    found = impact(
        book,
        [move("PO-1", due="2026-01-17"), move("PO-2", due="2026-01-17"), move("PO-3", gone=True)],
        policy=Fifo(),
    )

    sums = SlipSums(
        name="Ann",
        lines=3,
        missed=0,
        units=(
            UnitSlips(unit=Unit(name="kg", decimals=3), lost=1500, later=2000),
            UnitSlips(unit=Unit(), later=5),
        ),
        values=(
            ValueSlips(currency="EUR", later=Decimal("49.50")),
            ValueSlips(currency="USD", later=Decimal("5.0")),
        ),
        unpriced=1,
    )
    assert found.by_customer == (sums,)
    assert found.totals == attrs.evolve(sums, name="")
    assert [each.name for each in found.by_order] == ["SO-1", "SO-2", "SO-3"]
    assert (sums.units[0].worse, sums.values[0].worse) == (3500, Decimal("49.50"))


def test_money_is_exact_beyond_the_digits_of_a_usual_decimal() -> None:
    price = "0.1234567890123456789"
    quantity = 2**60
    book = shop(
        items=[Item(sku=MUG, decimals=9)],
        receipts=[receipt("PO-1", quantity, "2026-01-10")],
        orders=orders(
            line(quantity - 1, price=price, currency="EUR"), line(1, price="0", currency="EUR")
        ),
    )

    found = impact(book, [move("PO-1", gone=True)], policy=Fifo())

    exact = int(price.replace("0.", "")) * (quantity - 1)
    assert f"{found.lines[0].value:f}".replace(".", "").strip("0") == str(exact).strip("0")
    assert found.totals.values[0].lost == found.lines[0].value


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"receipt": ""}, ["receipt"]),
        ({"due": "soon", "quantity": 0}, ["due", "quantity"]),
        ({"gone": 1}, ["gone"]),
        ({"gone": True, "quantity": 3}, ["gone"]),
    ],
)
def test_a_move_that_cannot_be_is_refused(fields: dict[str, object], problems: list[str]) -> None:
    with pytest.raises(InvalidValueError) as refused:
        ReceiptMove(**{"receipt": "PO-1", **fields})  # type: ignore[arg-type]

    assert [each.field for each in refused.value.problems] == problems


def test_moves_that_do_not_fit_are_refused_all_at_once() -> None:
    wrong = [
        move("PO-9", gone=True),
        move("PO-1", quantity=5),
        move("PO-2"),
        move("PO-1", gone=True),
        "PO-2",
    ]

    with pytest.raises(InvalidInputError) as refused:
        impact(shop(receipts=TWO), wrong, policy=Fifo())  # type: ignore[arg-type]

    assert [str(each) for each in refused.value.exceptions] == [
        "moves[0].receipt: got 'PO-9', must name a scheduled receipt",
        "moves[1].receipt: got 'PO-1', must be moved to another time or quantity",
        "moves[2].receipt: got 'PO-2', must be moved to another time or quantity",
        "moves[3].receipt: got 'PO-1', must be unique",
        "moves[4]: got 'PO-2', must be a ReceiptMove",
    ]


def test_what_is_no_snapshot_no_list_or_no_policy_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="snapshot"):
        impact("shop", [], policy=Fifo())  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="moves"):
        impact(shop(), 3, policy=Fifo())  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="policy"):
        impact(shop(), [], policy="fifo")  # type: ignore[arg-type]
