"""Ship rules, and `Shipping` as a policy: parts, names, what it declares and refuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    AllocationPolicy,
    Demand,
    FairShare,
    Fifo,
    InvalidValueError,
    KeepPromises,
    Law,
    Order,
    OrderLine,
    PolicyViolationError,
    Priority,
    Ranked,
    Shipping,
    ShipRule,
    Snapshot,
    plan,
)
from backorderkit.testing import check_policy

WHOLE = ShipRule(whole=True)
RULES = [
    WHOLE,
    ShipRule(),
    ShipRule(minimum=3),
    ShipRule(multiple=2),
    ShipRule(minimum=2, multiple=3),
]
rules = st.one_of(
    st.just(WHOLE),
    st.builds(ShipRule, minimum=st.integers(1, 9), multiple=st.integers(1, 5)),
)


def may_go(rule: ShipRule, want: int, part: int) -> bool:
    """Say it again, in other words."""
    if part in {0, want}:
        return True
    return (
        not rule.whole and rule.minimum <= part <= want - rule.minimum and part % rule.multiple == 0
    )


@given(rule=rules, want=st.integers(1, 30), most=st.integers(0, 35))
def test_a_portion_is_the_largest_part_that_may_go(rule: ShipRule, want: int, most: int) -> None:
    parts = [part for part in range(min(want, most) + 1) if may_go(rule, want, part)]

    assert rule.portion(want, most) == parts[-1]


@given(rule=rules, want=st.integers(1, 30))
def test_the_least_is_the_smallest_part_that_may_go(rule: ShipRule, want: int) -> None:
    assert rule.least(want) == next(n for n in range(1, want + 1) if may_go(rule, want, n))


@given(rule=rules, want=st.integers(1, 30), most=st.integers(0, 35))
def test_after_a_portion_nothing_more_may_go_of_what_is_left(
    rule: ShipRule, want: int, most: int
) -> None:
    """
    So planning again changes nothing.
    """
    part = rule.portion(want, most)

    assert part == want or rule.portion(want - part, most - part) == 0


def test_the_plainest_question_of_each_rule() -> None:
    assert ShipRule(minimum=11).portion(20, 15) == 0
    assert ShipRule(minimum=11).portion(20, 20) == 20
    assert ShipRule(multiple=10).portion(25, 24) == 20


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize(
    "within",
    [Fifo(), Priority(), FairShare(), FairShare(rule="equal"), Priority(within=FairShare())],
    ids=lambda within: within.name,
)
def test_it_keeps_the_contract_of_policies(within: AllocationPolicy, rule: ShipRule) -> None:
    check_policy(Shipping(within, rule=rule), max_examples=40)


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("within", [Fifo(), Priority()], ids=lambda within: within.name)
def test_a_queue_that_waits_keeps_what_it_declares(
    within: AllocationPolicy, rule: ShipRule
) -> None:
    policy = Shipping(within, rule=rule, waits=True)

    assert policy.laws == {Law.MONOTONE, Law.POPULATION_MONOTONE}
    check_policy(policy, max_examples=60)


def test_skipping_declares_nothing_for_one_unit_more_takes_three_away() -> None:
    """
    Lines want 5 and 3.
    """
    demands = [Demand.of("A", claim=5), Demand.of("B", claim=3)]
    skipping, strict = (Shipping(Fifo(), rule=WHOLE, waits=waits) for waits in (False, True))

    assert [list(skipping.share(supply, demands)) for supply in (4, 5)] == [[0, 3], [5, 0]]
    assert [list(strict.share(supply, demands)) for supply in (4, 5)] == [[0, 0], [5, 0]]
    assert skipping.laws == frozenset()


def test_it_is_named_after_what_is_within_and_whether_the_queue_waits() -> None:
    assert Shipping(Priority(), rule=WHOLE).name == "priority, ship rules skipping"
    assert Shipping(Fifo(), rule=WHOLE, waits=True).name == "fifo, ship rules strict"


@pytest.mark.parametrize(
    ("make", "field"),
    [
        pytest.param(lambda: ShipRule(minimum=0), "minimum", id="no minimum"),
        pytest.param(lambda: ShipRule(multiple=1.5), "multiple", id="no whole pack"),  # type: ignore[arg-type]
        pytest.param(lambda: ShipRule(whole=1), "whole", id="no bool"),  # type: ignore[arg-type]
        pytest.param(lambda: ShipRule(whole=True, minimum=2), "minimum", id="a part of a whole"),
        pytest.param(lambda: ShipRule(whole=True, multiple=2), "multiple", id="packs of a whole"),
        pytest.param(lambda: Shipping("fifo", rule=WHOLE), "within", id="no policy"),  # type: ignore[arg-type]
        pytest.param(lambda: Shipping(Fifo(), rule=ShipRule), "rule", id="a class"),  # type: ignore[arg-type]
        pytest.param(lambda: Shipping(Fifo(), rule=11), "rule", id="a number"),  # type: ignore[arg-type]
        pytest.param(lambda: Shipping(Fifo(), rule=WHOLE, waits=1), "waits", id="waits is no bool"),  # type: ignore[arg-type]
        pytest.param(
            lambda: Shipping(FairShare(), rule=WHOLE, waits=True), "waits", id="no queue to wait"
        ),
        pytest.param(
            lambda: Shipping(KeepPromises(Fifo()), rule=WHOLE), "within", id="promises within"
        ),
        pytest.param(
            lambda: KeepPromises(Shipping(Fifo(), rule=WHOLE)), "within", id="promises around"
        ),
        pytest.param(
            lambda: Shipping(Shipping(Fifo(), rule=WHOLE), rule=WHOLE), "within", id="twice"
        ),
        pytest.param(
            lambda: Priority(within=Shipping(Fifo(), rule=WHOLE)), "within", id="in classes"
        ),
    ],
)
def test_what_means_nothing_cannot_be_made(make: Callable[[], object], field: str) -> None:
    with pytest.raises(InvalidValueError) as raised:
        make()

    assert raised.value.field == field


def test_a_rule_of_the_hosts_is_asked_for_each_line() -> None:
    def rule(order: Order, line: OrderLine) -> ShipRule:
        return WHOLE if order.channel == "marketplace" else ShipRule(multiple=line.ordered // 2)

    demands = [Demand.of("A", claim=6, channel="marketplace"), Demand.of("B", claim=4)]

    assert list(Shipping(Fifo(), rule=rule).share(3, demands)) == [0, 2]


def test_a_host_who_gives_no_rule_is_told_of_which_line() -> None:
    def rule(_: Order, line: OrderLine) -> ShipRule:
        return line.ordered  # type: ignore[return-value]

    book = Snapshot.of(
        as_of="2026-01-05", stock={"MUG": 1}, orders=[Order.of("SO-1", "2026-01-02", {"MUG": 5})]
    )

    with pytest.raises(PolicyViolationError, match="rule of order SO-1, line 1 is 5") as raised:
        plan(book, policy=Shipping(Fifo(), rule=rule))

    assert raised.value.clause == "rule"


class Hoarder:
    """Gives away nothing but the first unit of a supply."""

    holds_back = True

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        """Give one unit to the first."""
        return [1 if place == 0 and supply else 0 for place in range(len(demands))]


def test_a_policy_that_holds_back_is_offered_no_rest() -> None:
    demands = [Demand.of("A", claim=5), Demand.of("B", claim=2)]

    assert list(Shipping(Hoarder(), rule=WHOLE).share(9, demands)) == [0, 0]
    assert list(Shipping(Hoarder(), rule=ShipRule()).share(9, demands)) == [1, 0]


def test_what_the_policy_within_holds_back_is_not_put_down_to_a_rule() -> None:
    """
    Two units of three stay, now and in the end: any part of them could ship.
    """
    book = Snapshot.of(
        as_of="2026-01-05", stock={"MUG": 3}, orders=[Order.of("SO-1", "2026-01-02", {"MUG": 5})]
    )

    (line,) = plan(book, policy=Shipping(Hoarder(), rule=ShipRule())).lines

    assert [(each.kind, each.quantity) for each in line.blockers] == [("policy", 2), ("stock", 2)]


def test_an_own_key_decides_who_is_served_first() -> None:
    largest = Ranked(key=lambda demand: -demand.claim)
    demands = [Demand.of("A", claim=2), Demand.of("B", claim=5), Demand.of("C", claim=3)]

    assert list(Shipping(largest, rule=WHOLE).share(6, demands)) == [0, 5, 0]
    assert list(Shipping(largest, rule=WHOLE).share(8, demands)) == [0, 5, 3]
