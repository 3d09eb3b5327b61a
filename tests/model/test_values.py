"""Values refuse what their meaning forbids, and derive the rest."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from itertools import permutations
from zoneinfo import ZoneInfo

import attrs
import pytest

from backorderkit import (
    Allocated,
    Allocation,
    Backorder,
    Backordered,
    Hold,
    HoldId,
    InvalidInputError,
    InvalidValueError,
    Item,
    LineId,
    LinePosition,
    Order,
    OrderId,
    OrderLine,
    PolicyViolationError,
    Promise,
    Promised,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    StockLevel,
    StockPosition,
    Unit,
)
from backorderkit.model import read_time, write_time

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LINE = OrderLine(id=LineId("1"), sku=Sku("MUG"), ordered=5)
RECEIVED = ScheduledReceipt(id=ReceiptId("PO-1"), sku=Sku("MUG"), quantity=5, due=NOON)
PROMISE = Promise(quantity=2, due=NOON, receipt=ReceiptId("PO-7"))
VALUES: dict[str, object] = {
    "unit": Unit(name="kg", decimals=3),
    "item": Item(sku=Sku("MUG"), backorder_limit=0),
    "stock": StockLevel(sku=Sku("MUG"), on_hand=3),
    "receipt": ScheduledReceipt(id=ReceiptId("PO-7"), sku=Sku("MUG"), quantity=5, due=NOON),
    "line": attrs.evolve(LINE, requested=NOON, unit_price=Decimal("9.90"), currency="EUR"),
    "order": Order(id=OrderId("SO-1"), placed_at=NOON, lines=[LINE]),
    "allocation": Allocation(order=OrderId("SO-1"), line=LineId("1"), quantity=1),
    "promise": PROMISE,
    "backorder": Backorder(
        order=OrderId("SO-1"), line=LineId("1"), quantity=3, opened_at=NOON, promises=[PROMISE]
    ),
    "hold": Hold(id=HoldId("cart-7"), sku=Sku("MUG"), quantity=2, expires_at=NOON),
    "allocated": Allocated(order=OrderId("SO-1"), line=LineId("1"), quantity=1),
    "backordered": Backordered(order=OrderId("SO-1"), line=LineId("1"), quantity=0),
    "promised": Promised(order=OrderId("SO-1"), line=LineId("1"), promises=[PROMISE]),
}

REFUSALS = [
    ("unit", "name", "", "must be a non-empty string"),
    ("unit", "decimals", 10, "must be a whole number from 0 to 9"),
    ("unit", "decimals", True, "must be a whole number from 0 to 9"),
    ("item", "sku", None, "must be a non-empty string"),
    ("item", "unit", "", "must be a non-empty string"),
    ("item", "decimals", -1, "must be a whole number from 0 to 9"),
    ("item", "backorders", "maybe", "must be allow or deny"),
    ("item", "backorder_limit", -1, "must be >= 0"),
    ("item", "backorder_limit_per_line", -1, "must be >= 0"),
    ("item", "backorder_limit_per_customer", 0.5, "must be a whole number"),
    ("item", "lead_time_days", -1, "must be >= 0"),
    ("item", "lead_time_days", True, "must be a whole number"),
    ("stock", "sku", "\ud800", "must be text that UTF-8 can carry"),
    ("stock", "location", "", "must be a non-empty string"),
    ("stock", "on_hand", -1, "must be >= 0"),
    ("stock", "on_hand", 1.5, "must be a whole number"),
    ("stock", "on_hand", True, "must be a whole number"),
    ("stock", "on_hand", 2**63, "must be < 2**63"),
    ("stock", "safety_stock", -1, "must be >= 0"),
    ("receipt", "id", "", "must be a non-empty string"),
    ("receipt", "quantity", 0, "must be > 0"),
    ("receipt", "due", datetime(2026, 1, 5), "must have a time zone"),  # noqa: DTZ001
    ("receipt", "due", "2026-01-05", "must be a datetime"),
    ("receipt", "supplier", None, "must be a string"),
    ("receipt", "supplier", "\ud800", "must be text that UTF-8 can carry"),
    ("receipt", "firm", 1, "must be true or false"),
    ("receipt", "firm", None, "must be true or false"),
    ("line", "id", 1, "must be a non-empty string"),
    ("line", "location", "", "must be a non-empty string"),
    ("line", "ordered", 0, "must be > 0"),
    ("line", "shipped", 6, "must be >= shipped + cancelled"),
    ("line", "cancelled", -1, "must be >= 0"),
    ("line", "requested", 5, "must be a datetime"),
    ("line", "unit_price", 9.9, "must be a finite Decimal of sane size"),
    ("line", "unit_price", Decimal("NaN"), "must be a finite Decimal of sane size"),
    ("line", "unit_price", Decimal(-1), "must be >= 0"),
    ("line", "unit_price", Decimal("1e60"), "must be a finite Decimal of sane size"),
    ("line", "currency", None, "must be given with unit_price"),
    ("line", "currency", "", "must be a non-empty string"),
    ("line", "placed_at", "2026-01-05", "must be a datetime"),
    ("line", "placed_at", datetime(2026, 1, 5), "must have a time zone"),  # noqa: DTZ001
    ("line", "cancel_after", 5, "must be a datetime"),
    ("order", "customer", 5, "must be a string"),
    ("order", "channel", None, "must be a string"),
    ("order", "placed_at", None, "must be a datetime"),
    ("order", "sequence", 0.5, "must be a whole number"),
    ("order", "sequence", -(2**63), "must be >= -9223372036854775807"),
    ("order", "priority", 0, "must be > 0"),
    ("order", "lines", ["1"], "must be an order line"),
    ("order", "lines", None, "must be an iterable"),
    ("allocation", "quantity", 0, "must be > 0"),
    ("allocation", "location", None, "must be a non-empty string"),
    ("promise", "quantity", 0, "must be > 0"),
    ("promise", "receipt", "", "must be a non-empty string"),
    ("backorder", "quantity", 0, "must be > 0"),
    ("backorder", "opened_at", None, "must be a datetime"),
    ("backorder", "promises", [1], "must be a promise"),
    ("hold", "id", "", "must be a non-empty string"),
    ("hold", "sku", None, "must be a non-empty string"),
    ("hold", "location", "", "must be a non-empty string"),
    ("hold", "quantity", 0, "must be > 0"),
    ("hold", "expires_at", datetime(2026, 1, 5), "must have a time zone"),  # noqa: DTZ001
    ("allocated", "quantity", 0, "must be > 0"),
    ("allocated", "location", "", "must be a non-empty string"),
    ("backordered", "quantity", -1, "must be >= 0"),
    ("backordered", "line", "", "must be a non-empty string"),
    ("promised", "promises", 5, "must be an iterable"),
]


def test_a_bad_entry_of_a_value_is_refused_at_its_place() -> None:
    with pytest.raises(InvalidValueError) as caught:
        Order(id=OrderId("A"), placed_at=NOON, lines=[LINE, 5, LINE])  # type: ignore[list-item]

    assert [str(problem) for problem in caught.value.problems] == [
        "lines[1]: got 5, must be an order line",
        "lines[2].id: got '1', must be unique in its order",
    ]


def test_an_order_in_one_breath_names_all_that_is_wrong() -> None:
    with pytest.raises(InvalidValueError) as caught:
        Order.of("", "soon", {"MUG": -1, "": 1, "BOWL": 0}, priority=0)

    assert [problem.path for problem in caught.value.problems] == [
        "placed_at",
        "lines['MUG'].ordered",
        "lines[''].sku",
        "lines['BOWL'].ordered",
        "id",
        "priority",
    ]


@pytest.mark.parametrize("smallest", [None, True, 1.5, "5"])
def test_only_ints_are_written_as_quantities(smallest: object) -> None:
    for unit in (Unit(), Unit(decimals=3)):
        with pytest.raises(InvalidValueError, match=r"quantity: got .*, must be an int"):
            unit.to_text(smallest)  # type: ignore[arg-type]


@pytest.mark.parametrize("when", [None, datetime(2026, 1, 5)])  # noqa: DTZ001 - the mistake itself
def test_only_instants_are_written_and_compared(when: datetime) -> None:
    for ask in (lambda: write_time(when), lambda: RECEIVED.is_overdue(as_of=when)):
        with pytest.raises(InvalidValueError, match="must"):
            ask()


class Timeless(tzinfo):
    """A zone that leaves everything to its base class, which does not know."""

    def utcoffset(self, when: datetime | None, /) -> timedelta | None:
        return super().utcoffset(when)

    def dst(self, when: datetime | None, /) -> timedelta | None:
        return None

    def tzname(self, when: datetime | None, /) -> str | None:
        return None


def test_a_time_zone_without_an_offset_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="must have a time zone that knows its offset"):
        attrs.evolve(RECEIVED, due=datetime(2026, 1, 5, tzinfo=Timeless()))


def test_what_cannot_be_shown_is_refused_all_the_same() -> None:
    with pytest.raises(InvalidValueError, match="got a list that cannot be shown"):
        attrs.evolve(LINE, sku=[10**5000])  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "field", "value", "reason"), REFUSALS)
def test_a_bad_field_is_refused_by_name(name: str, field: str, value: object, reason: str) -> None:
    good = VALUES[name]

    with pytest.raises(InvalidValueError) as caught:
        attrs.evolve(good, **{field: value})  # type: ignore[misc]

    assert caught.value.reason == reason
    assert caught.value.field == ("ordered" if "cancelled" in reason else field)
    assert caught.value.also == ()


@pytest.mark.parametrize("name", VALUES)
def test_values_are_frozen_hashable_and_travel(name: str) -> None:
    value = VALUES[name]

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        value.quantity = 5  # type: ignore[attr-defined]

    assert pickle.loads(pickle.dumps(value)) == value
    assert hash(value) == hash(pickle.loads(pickle.dumps(value)))


def test_all_bad_fields_of_a_value_are_named_at_once() -> None:
    with pytest.raises(ValueError, match="id: got ''") as caught:
        OrderLine(id=LineId(""), sku=Sku("MUG"), ordered=-1, shipped=-2)

    assert isinstance(caught.value, InvalidValueError)
    assert [problem.field for problem in caught.value.problems] == ["id", "ordered", "shipped"]
    assert caught.value.__notes__ == [
        "also ordered: got -1, must be > 0",
        "also shipped: got -2, must be >= 0",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("x" * 100, f"'{'x' * 27}…' (100 characters)", id="long text"),
        pytest.param(10**100, "an integer of 333 bits", id="long number"),
        pytest.param([1] * 100, repr([1] * 100)[:120] + "…", id="long list"),
        pytest.param("a\nb", r"'a\nb'", id="line feed"),
        pytest.param(None, "nothing", id="None"),
    ],
)
def test_messages_stay_short_and_on_one_line(value: object, shown: str) -> None:
    error = InvalidValueError(field="id", value=value, reason="must be short")

    assert str(error) == f"id: got {shown}, must be short"


@pytest.mark.parametrize(
    "error",
    [
        InvalidValueError(
            field="a",
            value=1,
            reason="no",
            path="x.a",
            context="order 1",
            also=[InvalidValueError(field="b", value=2, reason="no")],
        ),
        PolicyViolationError(policy="p", clause="P1", detail="d"),
        InvalidInputError("x", [InvalidValueError(field="a", value=1, reason="no")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_travel_between_processes(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))

    assert repr(again) == repr(error)
    assert str(again) == str(error)


def test_splitting_a_group_of_problems_keeps_its_type() -> None:
    group = InvalidInputError(
        "two",
        [InvalidValueError(field=field, value=1, reason="no") for field in ("a", "b")],
    )

    matched, rest = group.split(lambda error: getattr(error, "field", "") == "a")

    assert isinstance(matched, InvalidInputError)
    assert isinstance(rest, InvalidInputError)


def test_derived_numbers_are_properties() -> None:
    line = attrs.evolve(LINE, shipped=1, cancelled=2)
    position = LinePosition(order=OrderId("A"), line=line, allocated=1)
    stock = StockPosition(sku=Sku("MUG"), on_hand=7, safety_stock=4, allocated=5)
    held = attrs.evolve(stock, allocated=1, held=1)
    over = attrs.evolve(stock, held=3)

    assert (line.claim, line.outstanding) == (3, 2)
    assert (position.outstanding, position.unallocated) == (2, 1)
    assert (stock.unallocated, stock.available, stock.withheld, stock.missing) == (2, 0, 2, 2)
    assert (held.unallocated, held.free, held.available, held.withheld) == (6, 5, 1, 4)
    assert (over.unallocated, over.free, over.available, over.missing) == (2, 0, 0, 5)


def test_a_backorder_says_what_is_without_a_promise() -> None:
    backorder = VALUES["backorder"]

    assert isinstance(backorder, Backorder)
    assert (backorder.promised, backorder.unpromised) == (2, 1)
    assert attrs.evolve(backorder, quantity=1).unpromised == 0


def test_promises_of_stock_go_before_those_of_receipts_of_that_moment() -> None:
    of_stock = [Promise(quantity=units, due=NOON) for units in (1, 4)]
    later = attrs.evolve(of_stock[0], due=NOON + timedelta(days=1))
    told = [*of_stock, PROMISE, later]

    for given in permutations(told):
        made = Backorder(
            order=OrderId("SO-1"), line=LineId("1"), quantity=9, opened_at=NOON, promises=given
        )
        assert made.promises == tuple(told)
        assert (made.promised, made.unpromised) == (8, 1)
    with pytest.raises(InvalidValueError, match="receipt: got ''"):
        attrs.evolve(PROMISE, receipt=ReceiptId(""))


def test_a_line_is_placed_with_its_order_or_later() -> None:
    berlin = timezone(timedelta(hours=1))
    same, later = NOON.astimezone(berlin), NOON + timedelta(days=1)
    lines = [
        attrs.evolve(LINE, id=LineId("1"), placed_at=same),
        attrs.evolve(LINE, id=LineId("2"), placed_at=later),
    ]

    order = Order(id=OrderId("A"), placed_at=NOON, lines=lines)

    assert [line.placed_at for line in order.lines] == [NOON, later]
    for some in (lines, lines[:1], lines[1:]):
        with pytest.raises(InvalidValueError, match=f"must be <= that of its line {some[0].id}"):
            attrs.evolve(order, placed_at=NOON + timedelta(days=2), lines=some)


def test_an_order_sorts_its_lines_by_id() -> None:
    lines = [attrs.evolve(LINE, id=LineId(id_)) for id_ in ("9", "10", "b", "B")]

    order = Order(id=OrderId("A"), placed_at=NOON, lines=lines)

    assert [line.id for line in order.lines] == ["10", "9", "B", "b"]


def test_the_short_constructor_numbers_lines_as_given() -> None:
    order = Order.of("A", NOON, {"MUG": 1, "CUP": 2}, customer="C", priority=2)

    assert [(line.id, line.sku, line.ordered) for line in order.lines] == [
        ("1", "MUG", 1),
        ("2", "CUP", 2),
    ]
    assert Order.of("A", NOON, order.lines, customer="C", priority=2) == order


def test_a_receipt_is_overdue_when_its_day_has_passed() -> None:
    receipt = VALUES["receipt"]
    assert isinstance(receipt, ScheduledReceipt)

    assert not receipt.is_overdue(as_of=NOON + timedelta(hours=11))
    assert receipt.is_overdue(as_of=datetime(2026, 1, 6, tzinfo=UTC))
    # In Auckland it is the 6th already, and in UTC still the 5th.
    auckland = datetime(2026, 1, 6, 1, tzinfo=timezone(timedelta(hours=13)))
    assert not receipt.is_overdue(as_of=auckland)


def test_times_are_settled_in_utc_so_that_autumn_has_one_order() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 45, tzinfo=berlin, fold=0)
    second = datetime(2026, 10, 25, 2, 15, tzinfo=berlin, fold=1)

    older, newer = (Order.of("A", when, {"MUG": 1}) for when in (first, second))

    assert older.placed_at.tzinfo is UTC
    assert older.placed_at < newer.placed_at


@pytest.mark.parametrize("year", [1, 9999])
def test_times_beyond_the_calendar_are_refused(year: int) -> None:
    edge = datetime(1, 1, 1) if year == 1 else datetime(9999, 12, 31, 23)  # noqa: DTZ001
    offset = timezone(timedelta(hours=14 if year == 1 else -12))

    with pytest.raises(InvalidValueError, match="must lie within the years 1 to 9999"):
        Order.of("A", edge.replace(tzinfo=offset), {"MUG": 1})


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-01-05", "2026-01-05T00:00:00Z"),
        ("2026-01-05T09:00Z", "2026-01-05T09:00:00Z"),
        ("2026-01-05T09:00:00+05:30", "2026-01-05T03:30:00Z"),
        ("2026-01-05T09:00:00.5Z", "2026-01-05T09:00:00.500000Z"),
        ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z"),
    ],
)
def test_times_are_read_exactly_and_written_in_utc(text: str, written: str) -> None:
    assert write_time(read_time(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-05T09:00:00",
        "20260105",
        "2026-W02-1",
        "2026-13-01",
        "2026-01-05 09:00Z",
        "2026-01-05T25:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "٢٠٢٦-01-05",
        "now",
    ],
)
def test_texts_that_are_no_such_time_are_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="must be a time with an offset"):
        read_time(text)


@pytest.mark.parametrize(
    ("decimals", "quantity", "smallest"),
    [
        (0, 5, 5),
        (3, 5, 5000),
        (3, "2.5", 2500),
        (3, "2.500000", 2500),
        (2, "149.88", 14988),
        (0, "-3", -3),
        (0, "+3.0", 3),
        (3, Decimal("0.001"), 1),
        (3, Decimal("1E+2"), 100_000),
        (9, "0.000000001", 1),
        (3, "-0.5", -500),
    ],
)
def test_quantities_convert_exactly(
    decimals: int, quantity: int | str | Decimal, smallest: int
) -> None:
    unit = Unit(name="kg", decimals=decimals)

    assert unit.to_smallest(quantity) == smallest
    assert unit.to_smallest(unit.to_text(smallest)) == smallest


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [
        pytest.param("0.0001", "must fit 3 decimals", id="too fine"),
        pytest.param("1e3", "must be a decimal number", id="exponent"),
        pytest.param(" 1", "must be a decimal number", id="space"),
        pytest.param("1.", "must be a decimal number", id="no digit"),
        pytest.param("", "must be a decimal number", id="empty"),
        pytest.param("٣", "must be a decimal number", id="other digits"),
        pytest.param("9" * 61, "must be a decimal number", id="too long"),
        pytest.param(Decimal("NaN"), "must be a finite decimal number", id="NaN"),
        pytest.param(Decimal("-Infinity"), "must be a finite decimal number", id="Infinity"),
        pytest.param(Decimal("1e999999999"), "must be a finite decimal number", id="huge"),
        pytest.param(Decimal("0.0001"), "must fit 3 decimals", id="too fine a Decimal"),
        pytest.param(2.5, "must be an int, a Decimal or decimal text", id="float"),
        pytest.param(True, "must be an int, a Decimal or decimal text", id="bool"),
    ],
)
def test_quantities_that_do_not_fit_are_refused(quantity: object, reason: str) -> None:
    with pytest.raises(InvalidValueError, match=reason):
        Unit(name="kg", decimals=3).to_smallest(quantity)  # type: ignore[arg-type]


def test_pieces_say_that_they_are_whole() -> None:
    with pytest.raises(InvalidValueError, match="must be a whole number"):
        Unit().to_smallest("2.5")


@pytest.mark.parametrize(
    ("smallest", "text"), [(2500, "2.5"), (2000, "2"), (-1, "-0.001"), (0, "0"), (-2000, "-2")]
)
def test_quantities_are_written_without_trailing_zeros(smallest: int, text: str) -> None:
    assert Unit(name="kg", decimals=3).to_text(smallest) == text


def test_an_item_names_its_unit() -> None:
    make: Callable[[], Unit] = lambda: Item(sku=Sku("X"), unit="kg", decimals=3).measure  # noqa: E731

    assert make() == Unit(name="kg", decimals=3)


def test_classes_made_of_lines_and_orders_are_checked_as_well() -> None:
    @attrs.frozen(kw_only=True)
    class Noted(OrderLine):
        note: str = ""

    @attrs.frozen(kw_only=True)
    class Tagged(Order):
        tag: str = ""

    with pytest.raises(InvalidValueError, match="ordered: got -1"):
        Noted(id=LineId("1"), sku=Sku("MUG"), ordered=-1)
    with pytest.raises(InvalidValueError, match="priority: got 0"):
        Tagged(id=OrderId("A"), placed_at=NOON, lines=(LINE,), priority=0)
