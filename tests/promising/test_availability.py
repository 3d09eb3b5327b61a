"""What can be had when, of snapshots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    AllocationPolicy,
    Book,
    Fifo,
    Hold,
    HoldId,
    InvalidValueError,
    Item,
    KeepPromises,
    LineId,
    Location,
    Order,
    OrderLine,
    Plan,
    Priority,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    StockLevel,
    plan,
)
from backorderkit.model import read_time
from backorderkit.promising import Availability, Peg, Quote, SupplyRules
from backorderkit.testing import snapshots
from tests.laws.policies import examples, for_every_policy

MUG = Sku("MUG")
NOW = read_time("2022-02-01")


def day(number: int) -> datetime:
    """Give the n-th day of the example, the first being the moment itself."""
    return NOW + timedelta(days=number - 1)


def coming(name: str, quantity: int, at: int, **more: str) -> ScheduledReceipt:
    return ScheduledReceipt(
        id=ReceiptId(name),
        sku=MUG,
        quantity=quantity,
        due=day(at),
        location=Location(more.get("location", "MAIN")),
    )


def wanted(name: str, quantity: int, on: int, *, priority: int = 5) -> Order:
    line = OrderLine(id=LineId("1"), sku=MUG, ordered=quantity, requested=day(on))
    return Order.of(name, day(1) - timedelta(days=30), [line], priority=priority)


def parts(quote: Quote) -> list[tuple[int, int]]:
    """Give quantity and day of each part."""
    return [(part.quantity, (part.at - NOW).days + 1) for part in quote.parts]


def by_day(available: Availability, days: int = 7) -> list[int]:
    return [available.by("MUG", day(number)) for number in range(1, days + 1)]


LATEST = SupplyRules(peg="latest")


def test_inventory_visibility_shows_the_same_of_a_snapshot() -> None:
    """Microsoft Inventory Visibility's seven days, with lines requested for their days."""
    orders = [wanted("SO-1", 3, 1)]
    receipts: list[ScheduledReceipt] = []

    def shown() -> list[int]:
        shop = Snapshot.of(as_of=NOW, stock={"MUG": 20}, receipts=receipts, orders=orders)
        return by_day(Availability.of(shop, policy=Fifo(), rules=LATEST))

    assert shown() == [17] * 7
    receipts.append(coming("PO-1", 10, 3))
    assert shown() == [17, 17, 27, 27, 27, 27, 27]
    orders.append(wanted("SO-2", 15, 4))
    receipts += [coming("PO-2", 1, 5), coming("PO-3", 3, 6)]
    assert shown() == [12, 12, 12, 12, 13, 16, 16]


def test_what_is_pegged_to_the_first_supply_leaves_less_for_the_next_caller() -> None:
    shop = Snapshot.of(
        as_of=NOW,
        stock={"MUG": 20},
        receipts=[coming("PO-1", 10, 3)],
        orders=[wanted("SO-2", 15, 4)],
    )
    earliest = Availability.of(shop, policy=Fifo())
    latest = Availability.of(shop, policy=Fifo(), rules=LATEST)

    assert by_day(earliest, 4) == [5, 5, 15, 15]
    assert by_day(latest, 4) == [15, 15, 15, 15]


def test_overdue_supply_and_demand_are_moved_to_tomorrow() -> None:
    """Dynamics 365: 200 overdue by three days, a sale of 75 by one, 100 in ten days."""
    shop = Snapshot.of(
        as_of=NOW,
        receipts=[coming("PO-1", 200, -2), coming("PO-2", 100, 11)],
        orders=[wanted("SO-1", 75, 0)],
    )
    pegs: tuple[Peg, Peg] = ("earliest", "latest")
    for peg in pegs:
        rules = SupplyRules(
            peg=peg,
            overdue_for=7,
            overdue_offset=1,
            demand_for=7,
            demand_offset=1,
        )
        available = Availability.of(shop, policy=Fifo(), rules=rules)
        assert [available.by("MUG", day(number)) for number in (1, 2, 11)] == [0, 125, 225]
        assert parts(available.when("MUG", 150)) == [(125, 2), (25, 11)]
        assert parts(available.when("MUG", 150, minimum=150)) == [(150, 11)]


def test_fences_count_days_of_utc_whatever_the_zone_of_the_moment() -> None:
    """
    Where the date line is near it is the 6th already, but the day is the 5th.
    """
    moment = datetime(2026, 1, 5, 20, tzinfo=UTC).astimezone(timezone(timedelta(hours=14)))
    due = read_time("2026-01-05")
    today = ScheduledReceipt(id=ReceiptId("PO-1"), sku=Sku("MUG"), quantity=1, due=due)
    line = OrderLine(id=LineId("1"), sku=Sku("MUG"), ordered=1, requested=due)

    assert SupplyRules(overdue_for=0).expected(today, as_of=moment) == today
    assert SupplyRules(peg="latest", demand_for=0).needed_at(line, as_of=moment) == moment


def test_what_is_assumed_beyond_the_calendar_never_comes() -> None:
    end = datetime(9999, 12, 31, tzinfo=UTC)
    due = read_time("2026-01-05")
    late = ScheduledReceipt(id=ReceiptId("PO-1"), sku=Sku("MUG"), quantity=1, due=due)
    line = OrderLine(id=LineId("1"), sku=Sku("MUG"), ordered=1, requested=due)

    assert SupplyRules(overdue_offset=9).expected(late, as_of=end) is None
    assert SupplyRules(peg="latest", demand_offset=9).needed_at(line, as_of=end) is None


def test_supply_counts_up_to_its_fence_and_demand_up_to_its_own() -> None:
    shop = Snapshot.of(
        as_of=NOW,
        stock={"MUG": 10},
        receipts=[coming("PO-1", 5, -2)],
        orders=[wanted("SO-1", 4, -2)],
    )

    def now(**days: int) -> int:
        rules = SupplyRules(peg="latest", **days)  # type: ignore[arg-type]
        return Availability.of(shop, policy=Fifo(), rules=rules).by("MUG", NOW)

    assert now() == 11
    assert now(overdue_for=3) == 11
    assert now(overdue_for=2) == 6
    assert now(demand_for=3) == 11
    assert now(demand_for=2) == 15


def test_planned_supply_can_be_left_out() -> None:
    proposed = attrs.evolve(coming("PLAN-1", 5, 2), firm=False)
    shop = Snapshot.of(as_of=NOW, receipts=[proposed, coming("PO-1", 3, 3)])

    assert by_day(Availability.of(shop, policy=Fifo()), 3) == [0, 5, 8]
    firm = Availability.of(shop, policy=Fifo(), rules=SupplyRules(planned=False))
    assert by_day(firm, 3) == [0, 0, 3]
    assert SupplyRules(planned=False).seen(shop).receipts == (coming("PO-1", 3, 3),)


def test_what_no_receipt_covers_can_be_bought() -> None:
    items = [Item(sku=MUG, lead_time_days=14), Item(sku=Sku("BOWL"))]
    shop = Snapshot.of(as_of=NOW, stock={"MUG": 2}, items=items, receipts=[coming("PO-1", 3, 30)])
    available = Availability.of(shop, policy=Fifo())
    never = [Item(sku=MUG, lead_time_days=2**62)]
    assert Availability.of(Snapshot.of(as_of=NOW, items=never), policy=Fifo()).when("MUG", 1).short

    quote = available.when("MUG", 9)

    assert parts(quote) == [(2, 1), (4, 15), (3, 30)]
    assert [part.supply for part in quote.parts] == ["stock", "purchase", "receipt"]
    # Where a receipt covers it, nothing is bought, and what is of no use is not, either.
    assert parts(available.when("MUG", 5)) == [(2, 1), (3, 30)]
    assert available.when("MUG", 9, latest=day(10)).short == 7
    assert available.when("BOWL", 1).short == 1
    without = Availability.of(shop, policy=Fifo(), rules=SupplyRules(purchase=False))
    assert without.when("MUG", 9).short == 4


def test_a_later_use_that_is_confirmed_is_not_promised_twice() -> None:
    shop = Snapshot.of(as_of=NOW, stock={"MUG": 10}, orders=[wanted("SO-1", 10, 20)])
    for rules in (LATEST, SupplyRules()):
        assert Availability.of(shop, policy=Fifo(), rules=rules).by("MUG", NOW) == 0


def test_holds_and_safety_stock_are_not_available_and_receipts_refill_them_first() -> None:
    shop = Snapshot.of(
        as_of=NOW,
        stock=[StockLevel(sku=MUG, on_hand=2, safety_stock=3)],
        receipts=[coming("PO-1", 10, 2)],
        holds=[Hold(id=HoldId("H"), sku=MUG, quantity=1, expires_at=day(9))],
    )
    for rules in (LATEST, SupplyRules()):
        assert by_day(Availability.of(shop, policy=Fifo(), rules=rules), 2) == [0, 8]


def test_the_timeline_tells_supply_commitments_and_what_is_left() -> None:
    shop = Snapshot.of(
        as_of=NOW,
        stock={"MUG": 20},
        receipts=[coming("PO-1", 10, 3)],
        orders=[wanted("SO-2", 15, 4)],
    )

    def told(rules: SupplyRules) -> list[tuple[int, int, int, int, int, int, str | None]]:
        return [
            (
                (step.at - NOW).days + 1,
                step.supply,
                step.committed,
                step.discrete,
                step.balance,
                step.available,
                step.receipt,
            )
            for step in Availability.of(shop, policy=Fifo(), rules=rules).timeline("MUG")
        ]

    assert told(SupplyRules()) == [
        (1, 20, 15, 5, 5, 5, None),
        (3, 10, 0, 10, 15, 15, "PO-1"),
    ]
    assert told(LATEST) == [
        (1, 20, 0, 20, 20, 15, None),
        (3, 10, 0, 10, 30, 15, "PO-1"),
        (4, 0, 15, -15, 15, 15, None),
    ]


def test_a_part_leaves_nothing_behind_that_is_too_small_to_ship() -> None:
    """frePPLe, demand_policy, order F: 15 would strand 5, so all 20 go later."""
    shop = Snapshot.of(as_of=NOW, stock={"MUG": 15}, receipts=[coming("PO-1", 10, 10)])
    available = Availability.of(shop, policy=Fifo())

    assert parts(available.when("MUG", 20, wanted=day(5), minimum=11)) == [(20, 10)]
    assert parts(available.when("MUG", 20, wanted=day(5))) == [(15, 5), (5, 10)]
    assert parts(available.when("MUG", 22, wanted=day(5), minimum=11)) == [(11, 5), (11, 10)]


def test_a_basket_ships_when_the_last_of_it_is_there() -> None:
    bowls = ScheduledReceipt(
        id=ReceiptId("PO-9"), sku=Sku("BOWL"), quantity=4, due=day(6), location=Location("EAST")
    )
    shop = Snapshot.of(
        as_of=NOW,
        stock={("MUG", "MAIN"): 5, ("MUG", "EAST"): 1, ("BOWL", "MAIN"): 1},
        receipts=[bowls, coming("PO-1", 2, 3, location="EAST")],
    )
    available = Availability.of(shop, policy=Fifo())

    anywhere = available.basket({"MUG": 3, "BOWL": 2})
    assert (anywhere.at, anywhere.location, anywhere.late) == (day(6), None, (Sku("BOWL"),))
    east = available.basket({"MUG": 3, "BOWL": 2}, one_location=True)
    assert (east.at, east.location) == (day(6), "EAST")
    assert available.basket({"MUG": 3, "BOWL": 2}, "MAIN").at is None
    assert available.basket({"MUG": 4, "BOWL": 2}, one_location=True).at is None
    assert available.basket({"MUG": 1, "BOWL": 1}, one_location=True).location == "MAIN"
    assert available.basket({"MUG": 3, "BOWL": 2}, latest=day(5)).at is None


def test_a_basket_that_no_place_has_any_of_can_be_bought_for_one() -> None:
    items = [Item(sku=MUG, lead_time_days=3), Item(sku=Sku("BOWL"), lead_time_days=5)]
    available = Availability.of(Snapshot.of(as_of=NOW, items=items), policy=Fifo())

    basket = available.basket({"MUG": 1, "BOWL": 1}, one_location=True)

    assert (basket.at, basket.location, basket.late) == (day(6), None, (Sku("BOWL"),))


def test_an_order_that_is_dated_as_late_as_can_be_is_served_before_a_caller() -> None:
    for location in (None, Location("MAIN")):
        line = OrderLine(id=LineId("1"), sku=MUG, ordered=2, location=location)
        order = Order.of("SO-1", datetime(9999, 12, 31, 13, tzinfo=NOW.tzinfo), [line])
        shop = Snapshot.of(as_of=NOW, stock={"MUG": 3}, orders=[order])
        assert Availability.of(shop, policy=Fifo()).by("MUG", NOW) == 1


def test_further_questions_do_not_walk_the_timeline_again(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [wanted(f"SO-{number}", 1, number) for number in range(2, 9)]
    shop = Snapshot.of(as_of=NOW, stock={"MUG": 9}, receipts=[coming("PO-1", 5, 3)], orders=orders)
    available = Availability.of(shop, policy=Fifo(), rules=LATEST)
    first = available.when("MUG", 4), available.page(["MUG"])

    def walked(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("backorderkit.promising.availability.groupby", walked)
    assert (available.when("MUG", 4), available.page(["MUG"])) == first


def test_a_page_says_what_a_shop_shows() -> None:
    items = [
        Item(sku=MUG),
        Item(sku=Sku("BOWL"), lead_time_days=3),
        Item(sku=Sku("CUP"), backorders="deny"),
        Item(sku=Sku("JUG")),
        Item(sku=Sku("POT"), lead_time_days=3),
    ]
    cups = ScheduledReceipt(id=ReceiptId("PO-9"), sku=Sku("CUP"), quantity=4, due=day(6))
    shop = Snapshot.of(
        as_of=NOW,
        items=items,
        stock={"MUG": 5, "POT": 1},
        receipts=[cups, coming("PO-1", 2, 3)],
    )

    page = Availability.of(shop, policy=Fifo()).page(["CUP", "MUG", "BOWL", "JUG", "POT"])

    shown = [(each.sku, each.kind, each.now, each.more, each.more_at, each.denied) for each in page]
    assert shown == [
        ("CUP", "coming", 0, 4, day(6), True),
        ("MUG", "in_stock", 5, 2, day(3), False),
        ("BOWL", "can_be_bought", 0, 0, day(4), False),
        ("JUG", "none_known", 0, 0, None, False),
        ("POT", "in_stock", 1, 0, day(4), False),
    ]


def test_bad_questions_are_refused() -> None:
    shop = Snapshot.of(as_of=NOW, items=[Item(sku=MUG)])
    available = Availability.of(shop, policy=Fifo())
    with pytest.raises(InvalidValueError, match="one of the items"):
        available.by("BOWL", NOW)
    with pytest.raises(InvalidValueError, match="time zone"):
        available.by("MUG", datetime(2022, 2, 1))  # noqa: DTZ001 - that is the point
    with pytest.raises(InvalidValueError) as caught:
        available.when("MUG", 0, minimum=0)
    assert len(caught.value.problems) == 2
    with pytest.raises(InvalidValueError, match="not empty"):
        available.basket({})
    with pytest.raises(InvalidValueError, match="sku"):
        available.basket({1: 1, "MUG": 1})  # type: ignore[dict-item]
    with pytest.raises(InvalidValueError, match="one_location"):
        available.basket({"MUG": 1}, one_location="yes")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="OrderLine"):
        SupplyRules(peg="latest").needed_at("1", as_of=NOW)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="collection of SKUs"):
        available.page("MUG")
    with pytest.raises(InvalidValueError, match="must be a policy"):
        Availability.of(shop, policy=Fifo)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="SupplyRules"):
        Availability.of(shop, policy=Fifo(), rules="earliest")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError) as caught:
        SupplyRules(peg="middle", overdue_for=-1, planned=1, outlook=3)  # type: ignore[arg-type]
    assert len(caught.value.problems) == 4
    with pytest.raises(InvalidValueError, match="a hundred years"):
        SupplyRules(overdue_offset=10**9)


class _Wrong:
    def __init__(self, answer: object) -> None:
        self.answer = answer

    def expected(self, receipt: ScheduledReceipt, /, *, as_of: datetime) -> ScheduledReceipt | None:
        return self.answer  # type: ignore[return-value]


@pytest.mark.parametrize("answer", ["soon", coming("PO-2", 5, 3)])
def test_an_outlook_must_speak_of_the_receipt_it_was_asked_about(answer: object) -> None:
    shop = Snapshot.of(as_of=NOW, receipts=[coming("PO-1", 5, 2)])
    rules = SupplyRules(outlook=_Wrong(answer))
    with pytest.raises(InvalidValueError, match="must expect"):
        Availability.of(shop, policy=Fifo(), rules=rules).by("MUG", NOW)


SMALL = snapshots(skus=["MUG"], max_lines=4)


def got(made: Plan, order: str, date: datetime) -> int:
    """What an order has or is promised by a date, beyond what it had shipped."""
    line = next(line for line in made.lines if line.order == order)
    return line.allocated + sum(each.quantity for each in line.promises if each.due <= date)


@pytest.mark.parametrize("policy", [Fifo(), Priority()], ids=["fifo", "priority"])
@given(book=SMALL, data=st.data())
@examples(60)
def test_a_query_says_what_planning_a_probe_order_says(
    book: Snapshot, data: st.DataObject, policy: AllocationPolicy
) -> None:
    places = {level.location for level in book.stock}
    places |= {receipt.location for receipt in book.receipts}
    place = data.draw(st.sampled_from([None, *sorted(places)]))
    available = Availability.of(book, policy=policy)
    before = plan(book, policy=policy)

    for step in available.timeline("MUG", place):
        for more in (0, 1):
            quantity = step.available + more
            if not quantity:
                continue
            line = OrderLine(id=LineId("1"), sku=MUG, location=place, ordered=quantity)
            probe = Order.of("ZZ", "9999-12-30", [line], priority=99)
            made = plan(attrs.evolve(book, orders=[*book.orders, probe]), policy=policy)
            assert got(made, "ZZ", step.at) == step.available
            for other in before.lines:
                now = next(
                    each
                    for each in made.lines
                    if (each.order, each.line) == (other.order, other.line)
                )
                assert (now.allocated, now.promises) == (other.allocated, other.promises)


@for_every_policy
@given(book=SMALL, data=st.data())
@examples(25)
def test_where_promises_are_kept_an_order_gets_what_was_quoted_whoever_is_urgent(
    book: Snapshot, data: st.DataObject, policy: AllocationPolicy
) -> None:
    """A newcomer of the first priority gets as much by a time as was quoted, and takes nothing."""
    keeping = KeepPromises(policy, pull_in=data.draw(st.booleans()))
    told = plan(book, policy=keeping).outcome
    available = Availability.of(told, policy=keeping)
    place = data.draw(st.sampled_from([None, Location("EAST"), Location("MAIN")]))
    step = data.draw(st.sampled_from(available.timeline("MUG", place)))
    priority = data.draw(st.sampled_from([1, 5, 9]))
    more = data.draw(st.integers(0, 1))
    if not step.available + more:
        return
    line = OrderLine(id=LineId("1"), sku=MUG, ordered=step.available + more, location=place)
    order = Order.of("ZZ", told.as_of, [line], priority=priority)

    made = plan(attrs.evolve(told, orders=[*told.orders, order]), policy=keeping)

    assert got(made, "ZZ", step.at) == step.available
    for other in plan(told, policy=keeping).lines:
        now = next(
            each for each in made.lines if (each.order, each.line) == (other.order, other.line)
        )
        for promise in other.promises:
            by_then = sum(each.quantity for each in other.promises if each.due <= promise.due)
            assert (
                now.allocated
                + sum(e.quantity for e in now.promises if e.due.date() <= promise.due.date())
                >= other.allocated + by_then
            )


@for_every_policy
@given(book=snapshots(skus=["MUG"], max_lines=5, bound=False))
@examples(25)
def test_what_can_be_promised_is_what_the_plan_leaves(
    book: Snapshot, policy: AllocationPolicy
) -> None:
    """Supply less what lines get of it, by hand, where all lines are free."""
    made = plan(book, policy=policy)
    available = Availability.of(book, policy=policy)
    supply, missing = 0, dict[Location, int]()
    for position in book.positions:
        supply += position.available
        missing[position.location] = position.missing
    granted = sum(line.allocated for line in made.lines)
    granted -= sum(each.quantity for each in book.allocations)
    left = supply - granted
    assert available.by("MUG", book.as_of - timedelta(seconds=1)) == 0
    expected = {book.as_of: left}
    for receipt in sorted(book.receipts, key=lambda each: (each.due, each.id)):
        refill = min(receipt.quantity, missing.get(receipt.location, 0))
        missing[receipt.location] = missing.get(receipt.location, 0) - refill
        given_away = sum(
            promise.quantity
            for line in made.lines
            for promise in line.promises
            if promise.receipt == receipt.id
        )
        left += receipt.quantity - refill - given_away
        expected[max(receipt.due, book.as_of)] = left
    for at, units in expected.items():
        assert available.by("MUG", at) == units


def test_latest_keeps_what_a_bound_line_needs_where_it_is_bound() -> None:
    """Ten in EAST wait for a line that is bound to it; what comes to MAIN cannot replace them."""
    line = OrderLine(
        id=LineId("1"), sku=MUG, ordered=10, requested=day(8), location=Location("EAST")
    )
    shop = Snapshot.of(
        as_of=NOW,
        stock={("MUG", "EAST"): 10},
        receipts=[coming("PO-1", 10, 7)],
        orders=[Order.of("SO-1", NOW, [line])],
    )
    available = Availability.of(shop, policy=Fifo(), rules=LATEST)

    assert [available.by("MUG", day(number)) for number in (1, 6, 7, 8)] == [0, 0, 10, 10]
    assert parts(available.when("MUG", 4)) == [(4, 7)]
    # One step for the stock, wherever it is.
    assert [step.supply for step in available.timeline("MUG")] == [10, 10, 0]


_Unit = tuple[datetime, Location | None]


def units_needed(book: Snapshot, made: Plan) -> list[_Unit]:
    """When and where each unit is needed that a plan gives away: not sooner than requested."""
    held = {(each.order, each.line, each.location): each.quantity for each in book.allocations}
    needed: list[_Unit] = []
    for line in made.lines:
        own = book.line(line.order, line.line).line
        at = max(book.as_of, own.requested or book.as_of)
        if at.date() == book.as_of.date():
            at = book.as_of
        for each in line.allocations:
            new = each.quantity - held.get((each.order, each.line, each.location), 0)
            needed += [(at, own.location)] * new
        for promise in line.promises:
            needed += [(max(at, promise.due), own.location)] * promise.quantity
    return needed


def all_fit(supply: list[_Unit], needed: list[_Unit]) -> bool:
    """Find each unit that is needed one that is there by then and may go to it."""
    used: dict[int, int] = {}

    def has_place(unit: int, tried: set[int]) -> bool:
        by, where = needed[unit]
        for slot, (at, place) in enumerate(supply):
            if at <= by and where in (None, place) and slot not in tried:
                tried.add(slot)
                if slot not in used or has_place(used[slot], tried):
                    used[slot] = unit
                    return True
        return False

    return all(has_place(unit, set()) for unit in range(len(needed)))


@given(book=snapshots(skus=["MUG"], max_orders=3, receipts=2, holds=1), data=st.data())
@examples(60)
def test_latest_promises_all_that_fits_beside_what_lines_need_and_not_a_unit_more(
    book: Snapshot, data: st.DataObject
) -> None:
    latest = Availability.of(book, policy=Fifo(), rules=LATEST)
    supply: list[_Unit] = []
    for position in book.positions:
        supply += [(book.as_of, position.location)] * position.available
    missing = {position.location: position.missing for position in book.positions}
    for receipt in sorted(book.receipts, key=lambda each: (each.due, each.id)):
        refill = min(receipt.quantity, missing.get(receipt.location, 0))
        missing[receipt.location] = missing.get(receipt.location, 0) - refill
        at = max(receipt.due, book.as_of)
        supply += [(at, receipt.location)] * (receipt.quantity - refill)
    needed = units_needed(book, plan(book, policy=Fifo()))
    place = data.draw(st.sampled_from([None, Location("EAST"), Location("MAIN")]))

    steps = latest.timeline("MUG", place)
    closing = {step.at: step.balance for step in steps}
    for step in steps:
        assert all_fit(supply, [*needed, *[(step.at, place)] * step.available])
        if place is None:
            assert not all_fit(supply, [*needed, *[(step.at, None)] * (step.available + 1)])
        assert step.available <= closing[step.at]


@given(book=SMALL)
@examples(60)
def test_latest_never_promises_less(book: Snapshot) -> None:
    earliest = Availability.of(book, policy=Fifo())
    latest = Availability.of(book, policy=Fifo(), rules=LATEST)

    for step in (*earliest.timeline("MUG"), *latest.timeline("MUG")):
        assert latest.by("MUG", step.at) >= earliest.by("MUG", step.at)


@given(book=SMALL)
@examples(30)
def test_a_book_answers_as_its_snapshot_and_a_second_time_the_same(book: Snapshot) -> None:
    of_snapshot = Availability.of(book, policy=Fifo())
    of_book = Availability.of(Book.of(book), policy=Fifo())

    assert of_snapshot.timeline("MUG") == of_book.timeline("MUG")
    assert of_snapshot.timeline("MUG") is of_snapshot.timeline("MUG")
    assert of_snapshot.page(["MUG"]) == of_book.page(["MUG"])
