"""Keys for an order of service, chains of them, ageing, and classes that are whole or stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext

import attrs
import pytest

from backorderkit import (
    AllocationPolicy,
    Backorder,
    ByAge,
    ByLineValue,
    ByList,
    ByOrderValue,
    ByPlaced,
    ByPriority,
    ByPromised,
    ByRequested,
    Chain,
    Demand,
    FairShare,
    InvalidValueError,
    Item,
    Law,
    LineId,
    Order,
    OrderId,
    OrderLine,
    Priority,
    Promise,
    Ranked,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.policies.ranked import SortKey
from backorderkit.testing import check_policy

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DEAREST = ByLineValue(currencies=["EUR", "USD"])

Key = Callable[[Demand], SortKey]


def demand(
    name: str,
    *,
    claim: int = 1,
    requested: int | None = None,
    price: str | None = None,
    currency: str | None = "EUR",
    others: Sequence[OrderLine] = (),
    placed: int = 0,
    priority: int = 5,
) -> Demand:
    """A demand with what `Demand.of` has no words for; days count from New Year."""
    line = OrderLine(
        id=LineId("1"),
        sku=Sku("MUG"),
        ordered=claim,
        requested=None if requested is None else START + requested * DAY,
        unit_price=None if price is None else Decimal(price),
        currency=None if price is None else currency,
    )
    order = Order.of(name, START + placed * DAY, [line, *others], priority=priority)
    return Demand(order=order, line=line, got=0, limit=claim)


def served(key: Key, *demands: Demand) -> str:
    """Name the orders as they are served."""
    limits = [attrs.evolve(each, got=0) for each in demands]
    names: list[str] = []
    supply = 0
    while len(names) < len(demands):
        supply += 1
        shares = Ranked(key=key).share(supply, limits)
        names += [
            each.order.id
            for each, share in zip(demands, shares, strict=True)
            if share and each.order.id not in names
        ]
    return "".join(names)


def test_dates_go_either_way_and_those_who_named_none_come_last() -> None:
    asked = demand("A"), demand("B", requested=9), demand("C", requested=3)

    assert served(ByRequested(), *asked) == "CBA"
    assert served(ByRequested(first="latest"), *asked) == "BCA"


def test_last_come_first_served() -> None:
    asked = demand("A", placed=2), demand("B", placed=1), demand("C", placed=3)

    assert served(ByPlaced(), *asked) == "BAC"
    assert served(ByPlaced(first="latest"), *asked) == "CAB"


def test_a_line_placed_later_than_its_order_goes_by_its_own_time() -> None:
    late = demand("A")
    late = attrs.evolve(late, line=attrs.evolve(late.line, placed_at=START + 2 * DAY))

    assert served(ByPlaced(), late, demand("B", placed=1)) == "BA"


def test_what_a_line_was_told_is_the_earliest_of_its_promises() -> None:
    def told(order: str, *days: int) -> Backorder:
        promises = [
            Promise(quantity=1, due=START + day * DAY, receipt=ReceiptId("PO")) for day in days
        ]
        return Backorder(
            order=OrderId(order), line=LineId("1"), quantity=5, opened_at=START, promises=promises
        )

    key = ByPromised(backorders=[told("A"), told("B", 12), told("C", 9, 30)])

    asked = [demand(name, claim=5) for name in "ABCD"]
    assert served(key, *asked) == "CBAD"
    assert served(attrs.evolve(key, first="latest"), *asked) == "BCAD"


def test_the_value_of_a_line_is_price_times_what_it_stands_for() -> None:
    asked = demand("A", price="9.90", claim=2), demand("B", price="4", claim=5), demand("C")

    assert served(DEAREST, *asked) == "BAC"
    assert served(attrs.evolve(DEAREST, first="lowest"), *asked) == "ABC"


def test_currencies_rank_as_listed_and_are_never_compared() -> None:
    asked = (
        demand("A", price="1000000", currency="JPY"),
        demand("B", price="5", currency="USD"),
        demand("C", price="1", currency="EUR"),
        demand("D", price="9", currency="USD"),
        demand("E"),
    )

    assert served(DEAREST, *asked) == "CDBAE"
    assert served(attrs.evolve(DEAREST, currencies=["USD", "EUR"]), *asked) == "DBCAE"


def test_a_currency_without_a_price_ranks_like_no_price() -> None:
    bare = attrs.evolve(demand("A").line, currency="EUR")
    unpriced = attrs.evolve(demand("A"), line=bare)

    key = ByLineValue(currencies=["EUR"], first="lowest")

    assert served(key, unpriced, demand("B", price="0.01")) == "BA"


def test_values_are_exact_whatever_the_decimal_context() -> None:
    """
    One part in 10**20 decides, and a context of three digits rounds none of it away.
    """
    small = "0." + "1" * 20
    asked = demand("A", price=small, claim=10), demand("B", price=small[:-1] + "2", claim=10)

    with localcontext() as context:
        context.prec = 3
        order = served(ByOrderValue(currencies=["EUR"]), *asked)
        lines = served(DEAREST, *asked)

    assert order == lines == "BA"


def test_the_value_of_an_order_is_that_of_all_its_lines() -> None:
    def other(price: str, *, currency: str = "EUR", sku: str = "BOWL", claim: int = 1) -> OrderLine:
        return OrderLine(
            id=LineId("2"),
            sku=Sku(sku),
            ordered=claim,
            unit_price=Decimal(price),
            currency=currency,
        )

    key = ByOrderValue(currencies=["EUR", "USD"])
    dear = demand("A", price="10")
    cheap = demand("B", price="1", others=[other("10")])
    dollars = demand("C", price="1", others=[other("99", currency="USD")])
    flour = demand("D", price="1", others=[other("2", sku="FLOUR", claim=9_000)])

    assert served(key, dear, cheap, dollars) == "BAC"
    assert served(key, dear, flour) == "DA"
    by_weight = attrs.evolve(key, items=[Item(sku=Sku("FLOUR"), unit="kg", decimals=3)])
    assert by_weight(flour) == (0, Decimal(-19))
    assert served(by_weight, demand("A", price="19.5"), flour) == "AD"


def test_an_order_counts_in_one_currency() -> None:
    usd = OrderLine(id=LineId("2"), sku=Sku("X"), ordered=1, unit_price=Decimal(99), currency="USD")
    mixed = demand("A", price="1", others=[usd])

    assert ByOrderValue(currencies=["EUR", "USD"])(mixed) == (0, Decimal(-1))
    assert ByOrderValue(currencies=["USD", "EUR"])(mixed) == (0, Decimal(-99))
    assert ByOrderValue(currencies=["GBP"])(mixed) == (1, Decimal(0))


@pytest.mark.parametrize("of", ["customer", "channel"])
def test_a_list_ranks_and_who_is_not_in_it_comes_last(of: str) -> None:
    key = ByList(of=of, values=["key", "gold"])  # type: ignore[arg-type]
    names = {"A": "", "B": "gold", "C": "other", "D": "key"}

    asked = [Demand.of(name, claim=1, **{of: value}) for name, value in names.items()]  # type: ignore[arg-type]

    assert served(key, *asked) == "DBAC"


def test_a_chain_looks_at_the_next_key_where_the_first_ties_and_ends_first_come() -> None:
    key = Chain(keys=[ByPriority(), ByRequested(), DEAREST])
    asked = (
        demand("A", requested=1),
        demand("B", priority=1, requested=5, price="1", placed=2),
        demand("C", priority=1, requested=5, price="2", placed=3),
        demand("D", priority=1, requested=4, placed=4),
        demand("E", priority=1, requested=5, price="1", placed=1),
    )

    assert served(key, *asked) == "DCEBA"
    assert served(Chain(keys=[key, lambda each: each.order.id]), *asked) == "DCBEA"


def test_a_line_that_waits_passes_the_next_class() -> None:
    key = ByAge(step=7 * DAY)
    waiting = demand("A", priority=2)

    assert served(key, waiting, demand("B", priority=1, placed=6)) == "BA"
    assert served(key, waiting, demand("B", priority=1, placed=7)) == "AB"
    assert served(key, demand("A", priority=2**62), demand("B", priority=2**62 - 1)) == "BA"


@pytest.mark.parametrize(
    ("key", "blind"),
    [
        (ByPriority(), True),
        (ByPlaced(), True),
        (ByRequested(), True),
        (ByPromised(backorders=[]), True),
        (ByList(of="customer", values=["C-1"]), True),
        (ByAge(step=DAY), True),
        (DEAREST, False),
        (ByOrderValue(currencies=["EUR"]), False),
        (Chain(keys=[ByPriority(), ByRequested()]), True),
        (Chain(keys=[ByPriority(), DEAREST]), False),
        (Chain(keys=[ByPriority(), lambda each: each.claim]), False),
    ],
    ids=lambda each: type(each).__name__,
)
def test_ready_made_keys_that_ignore_the_quantity_are_strategy_proof(
    key: Key, *, blind: bool
) -> None:
    policy = Ranked(key=key)

    assert policy.laws == (set(Law) if blind else set(Law) - {Law.STRATEGY_PROOF})
    check_policy(policy, max_examples=8)


def test_asking_for_more_pays_where_value_decides() -> None:
    policy = Ranked(key=DEAREST)

    assert list(policy.share(1, [demand("A", price="1"), demand("B", price="1")])) == [1, 0]
    assert list(policy.share(1, [demand("A", price="1"), demand("B", price="1", claim=2)])) == [
        0,
        1,
    ]


@pytest.mark.parametrize(
    ("make", "field", "reason"),
    [
        (lambda: ByRequested(first="soonest"), "first", "one of earliest, latest"),  # type: ignore[arg-type]
        (lambda: ByLineValue(currencies=[]), "currencies", "must name one"),
        (lambda: ByLineValue(currencies="EUR"), "currencies", "must be a list"),
        (lambda: ByLineValue(currencies=["EUR", "EUR"]), "currencies", "listed once"),
        (lambda: ByLineValue(currencies=[""]), "currencies", "non-empty"),
        (lambda: ByLineValue(currencies=["EUR"], first="dear"), "first", "one of highest"),  # type: ignore[arg-type]
        (lambda: ByOrderValue(currencies=["EUR"], items=["MUG"]), "items", "must be an item"),  # type: ignore[list-item]
        (lambda: ByList(of="region", values=["EU"]), "of", "one of customer"),  # type: ignore[arg-type]
        (lambda: ByList(of="customer", values="C-1"), "values", "must be a list"),
        (lambda: ByList(of="customer", values=["C-1", "C-1"]), "values", "listed once"),
        (lambda: ByList(of="customer", values=[1]), "values", "must be a string"),  # type: ignore[list-item]
        (lambda: ByPromised(backorders=[None]), "backorders", "must be a backorder"),  # type: ignore[list-item]
        (lambda: ByAge(step=timedelta()), "step", "positive"),
        (lambda: ByAge(step=7), "step", "positive"),  # type: ignore[arg-type]
        (lambda: Chain(keys=[]), "keys", "empty"),
        (lambda: Chain(keys=[ByPriority(), "due"]), "keys", "function"),  # type: ignore[list-item]
        (lambda: Priority(incomplete="skip"), "incomplete", "one of next, stop"),  # type: ignore[arg-type]
        (lambda: Priority(incomplete="stop", within=FairShare()), "within", "must be absent"),
    ],
)
def test_what_ranks_nothing_cannot_be_made(
    make: Callable[[], object], field: str, reason: str
) -> None:
    with pytest.raises(InvalidValueError, match=reason) as caught:
        make()

    assert caught.value.field == field


STOPPING = Priority(incomplete="stop")


def three_classes() -> list[Demand]:
    return [
        Demand.of("A", claim=40, priority=1),
        Demand.of("B", claim=50, priority=2),
        Demand.of("C", claim=20, priority=2),
        Demand.of("D", claim=30, priority=3),
    ]


def test_a_class_that_cannot_be_served_whole_gets_nothing_and_stops_the_rest() -> None:
    assert list(STOPPING.share(100, three_classes())) == [40, 0, 0, 0]
    assert list(STOPPING.share(109, three_classes())) == [40, 0, 0, 0]
    assert list(STOPPING.share(110, three_classes())) == [40, 50, 20, 0]
    assert list(STOPPING.share(139, three_classes())) == [40, 50, 20, 0]
    assert list(STOPPING.share(140, three_classes())) == [40, 50, 20, 30]
    assert list(Priority().share(100, three_classes())) == [40, 50, 10, 0]


@pytest.mark.parametrize(
    "policy",
    [
        STOPPING,
        Ranked(key=Chain(keys=[ByPriority(), ByRequested()]), incomplete="stop"),
        Ranked(key=DEAREST, incomplete="stop"),
        Priority(within=STOPPING),
    ],
    ids=["priority", "chain", "value", "within"],
)
def test_classes_that_stop_keep_what_they_declare(policy: AllocationPolicy) -> None:
    check_policy(policy, max_examples=30)


def test_classes_that_stop_say_so() -> None:
    assert STOPPING.name == "priority, whole classes"
    assert STOPPING.holds_back
    assert set(Law) - STOPPING.laws == {Law.CONSISTENT, Law.STRATEGY_PROOF}


@pytest.mark.parametrize("law", [Law.CONSISTENT, Law.STRATEGY_PROOF])
def test_the_laws_that_stopping_does_not_declare_it_does_not_keep(law: Law) -> None:
    class Claiming:
        name = "claiming"
        holds_back = True
        laws = frozenset({law})

        def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
            return STOPPING.share(supply, demands)

    with pytest.raises(Exception, match=f"broke {law.value}"):
        check_policy(Claiming())


def test_a_plan_leaves_the_rest_idle_and_a_receipt_ends_the_stop() -> None:
    orders = [
        Order.of("A", "2026-01-02", {"MUG": 40}, priority=1),
        Order.of("B", "2026-01-02", {"MUG": 70}, priority=2),
        Order.of("C", "2026-01-02", {"MUG": 10}, priority=3),
        Order.of("D", "2026-01-02", {"BOWL": 10}, priority=3),
    ]
    receipt = ScheduledReceipt(id=ReceiptId("PO"), sku=Sku("MUG"), quantity=10, due=START + 8 * DAY)
    book = Snapshot.of(
        as_of="2026-01-05", stock={"MUG": 100, "BOWL": 10}, orders=orders, receipts=[receipt]
    )

    made = plan(book, policy=STOPPING)

    assert [line.allocated for line in made.lines] == [40, 0, 0, 10]
    assert not any(line.promises for line in made.lines)
    with_ten_more = Snapshot.of(as_of="2026-01-05", stock={"MUG": 110}, orders=orders[:3])
    assert [line.allocated for line in plan(with_ten_more, policy=STOPPING).lines] == [40, 70, 0]
