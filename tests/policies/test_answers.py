"""What policies answer, what they are asked, and how wrong answers are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backorderkit import (
    AllocationPolicy,
    Demand,
    FairShare,
    Fifo,
    InvalidValueError,
    Law,
    Order,
    PolicyViolationError,
    Priority,
    Ranked,
    Snapshot,
    plan,
)
from backorderkit.policies.queue import Queue
from backorderkit.policies.ranked import SortKey
from backorderkit.policies.verify import verified_shares

A, B, C = (Demand.of(name, claim=3) for name in "ABC")
START = datetime(2026, 1, 1, tzinfo=UTC)


def queue_of(*demands: Demand) -> Queue:
    """Put demands, oldest first, into the form that plans hand to policies."""
    return Queue.of(demands)


class Answering:
    """A policy that says what it is told to say."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        return self.answer  # type: ignore[return-value]


class Holding(Answering):
    """A policy that says that it may leave units over."""

    name = "careful"
    holds_back = True


@pytest.mark.parametrize(
    ("answer", "clause", "detail"),
    [
        pytest.param([1], "P1", "answered (1,)", id="too few"),
        pytest.param([1, 1, 1], "P1", "answered (1, 1, 1)", id="too many"),
        pytest.param(None, "P1", "answered nothing", id="nothing"),
        pytest.param((share for share in (2, 2)), "P1", "answered <generator", id="a generator"),
        pytest.param([5, -1], "P2", "gave 5 to order A, line 1, whose limit is 3", id="too much"),
        pytest.param([3, -1], "P2", "gave -1 to order B, line 1, whose limit is 3", id="negative"),
        pytest.param([3, 1.0], "P2", "gave 1.0 to order B, line 1", id="a float"),
        pytest.param([3, True], "P2", "gave True to order B, line 1", id="a bool"),
        pytest.param([3, 2], "P3", "gave 5 in all", id="more than there is"),
        pytest.param([3, 0], "P5", "gave only 3", id="a unit left idle"),
    ],
)
def test_a_wrong_answer_is_refused_and_the_clause_named(
    answer: object, clause: str, detail: str
) -> None:
    with pytest.raises(PolicyViolationError) as caught:
        verified_shares(Answering(answer), 4, queue_of(A, B))

    assert caught.value.policy == "Answering"
    assert caught.value.clause == clause
    assert detail in caught.value.detail
    assert "asked to share 4 among 2 demands of SKU SKU with limits summing to 6" in str(
        caught.value
    )


@pytest.mark.parametrize("answer", [[3, 1], (1, 3), range(1, 4, 2)])
def test_any_sequence_of_whole_numbers_is_an_answer(answer: Sequence[int]) -> None:
    assert verified_shares(Answering(answer), 4, queue_of(A, B)) == tuple(answer)


def test_a_policy_that_says_so_may_leave_units_over() -> None:
    assert verified_shares(Holding([0, 1]), 4, queue_of(A, B)) == (0, 1)


def test_a_policy_within_classes_is_checked_under_its_own_name() -> None:
    with pytest.raises(PolicyViolationError) as caught:
        Priority(within=Holding([4])).share(4, [A])

    assert (caught.value.policy, caught.value.clause) == ("careful", "P2")


def test_classes_leave_units_over_when_the_policy_within_does() -> None:
    policy = Priority(within=Holding([1]))

    assert policy.holds_back
    assert list(policy.share(4, [A, Demand.of("B", claim=3, priority=1)])) == [1, 1]


@pytest.mark.parametrize(
    ("policy", "name"),
    [
        (Fifo(), "fifo"),
        (Priority(), "priority"),
        (Priority(within=FairShare()), "priority, fair-share within"),
        (FairShare(), "fair-share"),
        (FairShare(rule="equal"), "fair-share equal"),
        (FairShare(rule="equal-losses"), "fair-share equal-losses"),
        (FairShare(rule="equal", weights=lambda _: 1), "fair-share equal weighted"),
        (Ranked(key=lambda d: d.order.customer), "ranked"),
        (Ranked(key=lambda d: d.order.customer, name="by customer"), "by customer"),
    ],
)
def test_policies_have_names(policy: Fifo | Priority | FairShare | Ranked, name: str) -> None:
    assert policy.name == name


@pytest.mark.parametrize(
    ("policy", "holds"),
    [
        (Fifo(), True),
        (Priority(), True),
        (FairShare(rule="equal"), True),
        (FairShare(), False),
        (FairShare(rule="equal-losses"), False),
        (FairShare(rule="equal", weights=lambda _: 1), False),
        (Priority(within=FairShare()), False),
        (Ranked(key=lambda d: d.claim), False),
    ],
)
def test_only_policies_blind_to_the_quantity_are_strategy_proof(
    policy: Fifo | Priority | FairShare | Ranked, *, holds: bool
) -> None:
    assert (Law.STRATEGY_PROOF in policy.laws) == holds
    assert set(Law) - policy.laws <= {Law.STRATEGY_PROOF}


def test_an_own_key_ranks_and_ties_go_to_the_older() -> None:
    late = Demand.of("A", claim=2, placed_at=START + timedelta(days=1), customer="x")
    early = Demand.of("B", claim=2, placed_at=START, customer="x")
    first = Demand.of("C", claim=2, placed_at=START + timedelta(days=2), customer="a")

    policy = Ranked(key=lambda demand: demand.order.customer)

    assert list(policy.share(3, [late, early, first])) == [0, 1, 2]


def test_fair_share_ignores_priority() -> None:
    urgent = Demand.of("B", claim=3, priority=1)

    assert list(FairShare().share(3, [A, urgent])) == [2, 1]


def test_weights_pull_shares_apart() -> None:
    policy = FairShare(rule="equal", weights=lambda demand: 3 if demand.order.id == "B" else 1)

    assert list(policy.share(4, [Demand.of(name, claim=9) for name in "AB"])) == [1, 3]


@pytest.mark.parametrize("weight", [0, -1, 1.5, True, None])
def test_weights_must_be_positive_whole_numbers(weight: object) -> None:
    policy = FairShare(rule="equal", weights=lambda _: weight)  # type: ignore[arg-type,return-value]

    with pytest.raises(PolicyViolationError, match="not a positive whole number"):
        policy.share(4, [A, B])


@pytest.mark.parametrize("rule", ["proportional", "equal-losses"])
def test_weights_with_another_rule_are_refused(rule: str) -> None:
    with pytest.raises(InvalidValueError, match='must be "equal" when weights are given'):
        FairShare(rule=rule, weights=lambda _: 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: FairShare(rule="equal", weights=5), "weights"),  # type: ignore[arg-type]
        (lambda: Ranked(key=None), "key"),  # type: ignore[arg-type]
        (lambda: Ranked(key=lambda d: d.claim, within=None), "within"),  # type: ignore[arg-type]
        (lambda: Priority(within=Fifo), "within"),  # type: ignore[arg-type]
    ],
)
def test_policies_made_of_the_wrong_parts_are_refused(
    make: Callable[[], object], field: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        make()

    assert caught.value.field == field


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="rule: got 'fair', must be one of proportional"):
        FairShare(rule="fair")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"claim": 0}, "must be > 0"),
        ({"got": -1}, "must be >= 0"),
        ({"got": 4}, "must be <= claim = 3"),
        ({"got": None}, "must be a whole number"),
        ({"limit": "2"}, "must be a whole number"),
        ({"limit": 9}, "must be <= claim - got"),
    ],
)
def test_a_demand_made_by_hand_is_checked(wrong: dict[str, int], reason: str) -> None:
    with pytest.raises(InvalidValueError, match=reason):
        Demand.of("A", **{"claim": 3, **wrong})  # type: ignore[arg-type]


def test_a_queue_is_a_sequence_of_demands() -> None:
    queue = queue_of(A, B, C)

    assert list(queue) == [A, B, C]
    assert list(queue[1:]) == [B, C]
    assert queue[-1] == C
    assert (queue.claims, queue.gots, queue.priorities) == ([3, 3, 3], [0, 0, 0], [5, 5, 5])
    assert Fifo().share(4, queue) == [3, 1, 0]


@pytest.mark.parametrize(
    "policy",
    [Fifo(), Priority(), FairShare(), FairShare(rule="equal"), FairShare(rule="equal-losses")],
    ids=lambda policy: policy.name,
)
def test_numbers_beyond_any_float_are_shared_exactly(policy: AllocationPolicy) -> None:
    huge = 2**62
    demands = [Demand.of("A", claim=huge), Demand.of("B", claim=huge + 1)]

    shares = policy.share(huge + 2, demands)

    assert sum(shares) == huge + 2


def test_a_hundred_thousand_demands_are_shared_in_one_go() -> None:
    def demands() -> Iterator[Demand]:
        for number in range(100_000):
            yield Demand.of(f"{number:06}", claim=1 + number % 7)

    many = queue_of(*demands())

    for rule in ("proportional", "equal", "equal-losses"):
        policy = FairShare(rule=rule)
        assert sum(policy.share(200_000, many)) == 200_000


class Editing:
    """A policy that tries to change the question."""

    def __init__(self, name: str) -> None:
        self.name = name

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        setattr(demands, self.name, (supply, *(0 for _ in demands[1:])))
        return [supply, *(0 for _ in demands[1:])]


@pytest.mark.parametrize("name", ["limits", "wants", "lines"])
def test_no_policy_can_change_its_question(name: str) -> None:
    with pytest.raises(AttributeError) as caught:
        verified_shares(Editing(name), 6, queue_of(A, B))

    assert caught.value.__notes__ == [
        f"policy '{name}' was asked to share 6 among 2 demands of SKU SKU with limits summing to 6"
    ]


class Liar(list[int]):
    """A sequence that says it is longer than it is."""

    def __len__(self) -> int:
        return 2


def test_an_answer_is_what_it_holds_not_what_it_says() -> None:
    with pytest.raises(PolicyViolationError, match="broke P1"):
        verified_shares(Answering(Liar([3])), 4, queue_of(A, B))


@pytest.mark.parametrize("share", [10**5000, -(10**5000)], ids=["huge", "negative"])
def test_a_monstrous_share_is_shown_in_brief(share: int) -> None:
    with pytest.raises(PolicyViolationError, match="gave an integer of 16610 bits") as caught:
        verified_shares(Answering([share, 0]), 4, queue_of(A, B))

    assert len(caught.value.detail) < 300


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"A": None, "B": 1}, "its keys cannot be compared, such as nothing for order A, line 1"),
        ({"A": Decimal("NaN"), "B": Decimal(1)}, "its keys cannot be compared"),
        ({"A": 0.5, "B": 1}, "the key of order A, line 1 is 0.5, and no float decides"),
        ({"A": (1, (0.5,)), "B": (1, (1,))}, "the key of order A, line 1 is (1, (0.5,))"),
    ],
    ids=["None", "NaN", "a float", "a float inside"],
)
def test_keys_that_rank_nothing_are_a_violation(keys: dict[str, SortKey], expected: str) -> None:
    policy = Ranked(key=lambda demand: keys[demand.order.id])
    orders = [Order.of(name, "2026-01-01", {"MUG": 2}) for name in keys]
    snapshot = Snapshot.of(as_of="2026-01-05", stock={"MUG": 3}, orders=orders)

    for ask in (lambda: policy.share(4, [A, B]), lambda: plan(snapshot, policy=policy)):
        with pytest.raises(PolicyViolationError) as caught:
            ask()
        assert caught.value.clause == "key"
        assert caught.value.detail.startswith(expected)


@pytest.mark.parametrize("supply", [-1, 2.5, True, None])
@pytest.mark.parametrize(
    "policy", [Fifo(), Priority(), FairShare()], ids=lambda each: getattr(each, "name", each)
)
def test_supply_is_a_whole_number(policy: AllocationPolicy, supply: object) -> None:
    with pytest.raises(InvalidValueError, match="supply: got"):
        policy.share(supply, [A, B])  # type: ignore[arg-type]


def test_a_policy_must_be_able_to_share() -> None:
    class Odd:
        share = 5

    with pytest.raises(InvalidValueError, match="must be a policy"):
        Priority(within=Odd())  # type: ignore[arg-type]
