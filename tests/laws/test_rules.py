"""What each rule for sharing keeps beyond the clauses; `docs/explanation/laws.md` has the rest."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import AllocationPolicy, Demand, LineId
from backorderkit.testing import demands, shortages

from .policies import POLICIES, examples, for_every_policy

Shortage = tuple[int, list[Demand]]

SIMPLE = shortages(memory=False, caps=False, max_claim=9)
"""Nobody got anything yet, and all may have all."""

RICHER = shortages(max_claim=9)
"""With memory and caps."""


def for_policies(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("policy", [POLICIES[name] for name in names], ids=names)


def share(policy: AllocationPolicy, supply: int, asked: Sequence[Demand]) -> dict[str, int]:
    shares = policy.share(supply, asked)
    keys = [f"{demand.order.id}/{demand.line.id}" for demand in asked]
    return dict(zip(keys, shares, strict=True))


def key_of(demand: Demand) -> str:
    return f"{demand.order.id}/{demand.line.id}"


def claiming(demand: Demand, claim: int) -> Demand:
    """The same demand, of another size; its cap grows with it."""
    line = attrs.evolve(demand.line, ordered=claim + demand.line.cancelled)
    return attrs.evolve(demand, line=line, limit=demand.limit + claim - demand.claim)


@for_every_policy
@given(shortage=RICHER)
@examples(40)
def test_one_unit_more_lowers_nobodys_share(shortage: Shortage, policy: AllocationPolicy) -> None:
    supply, asked = shortage

    before, after = share(policy, supply, asked), share(policy, supply + 1, asked)

    assert all(after[key] >= before[key] for key in before)
    assert sum(after.values()) == sum(before.values()) + 1


@for_every_policy
@given(shortage=RICHER, more=st.integers(1, 4))
@examples(40)
def test_who_asks_for_more_gets_no_less_and_nobody_else_gains(
    shortage: Shortage, more: int, policy: AllocationPolicy
) -> None:
    supply, asked = shortage
    before = share(policy, supply, asked)

    for place, demand in enumerate(asked):
        raised = claiming(demand, demand.claim + more)
        after = share(policy, supply, [*asked[:place], raised, *asked[place + 1 :]])
        assert after[key_of(demand)] >= before[key_of(demand)]
        assert all(after[key] <= before[key] for key in before if key != key_of(demand))


@for_every_policy
@given(shortage=RICHER)
@examples(40)
def test_when_some_leave_with_their_share_the_others_keep_theirs(
    shortage: Shortage, policy: AllocationPolicy
) -> None:
    """
    For every group: the rest shared anew changes nothing, and all of it lowers nobody's share.
    """
    supply, asked = shortage
    together = share(policy, supply, asked)

    for count in range(1, len(asked)):
        for group in combinations(asked, count):
            left = sum(together[key_of(demand)] for demand in group)
            same = share(policy, left, group)
            richer = share(policy, supply, group)
            assert all(same[key] == together[key] for key in same)
            assert all(richer[key] >= together[key] for key in richer)


@for_every_policy
@given(shortage=RICHER, cuts=st.lists(st.integers(1, 4), max_size=4))
@examples(40)
def test_any_number_of_deliveries_is_shared_like_one(
    shortage: Shortage, cuts: list[int], policy: AllocationPolicy
) -> None:
    supply, asked = shortage
    at_once = share(policy, supply, asked)
    in_parts = dict.fromkeys(at_once, 0)
    for part in [*cuts, supply]:
        units = min(part, supply - sum(in_parts.values()))
        waiting = [
            attrs.evolve(
                demand,
                got=demand.got + in_parts[key_of(demand)],
                limit=demand.limit - in_parts[key_of(demand)],
            )
            for demand in asked
        ]
        for key, units_more in share(policy, units, waiting).items():
            in_parts[key] += units_more

    assert in_parts == at_once


@for_policies("fifo", "priority", "equal-losses", "priority-equal-losses", "ranked", "ageing")
@given(shortage=SIMPLE, part=st.integers(0, 20))
@examples(60)
def test_composition_up_needs_no_memory(
    shortage: Shortage, part: int, policy: AllocationPolicy
) -> None:
    """
    What is left is shared among what is still wanted as if nothing had been before.
    """
    supply, asked = shortage
    at_once = share(policy, supply, asked)
    first = share(policy, min(part, supply), asked)
    rest = [
        claiming(demand, demand.claim - first[key_of(demand)])
        for demand in asked
        if first[key_of(demand)] < demand.claim
    ]

    second = share(policy, supply - sum(first.values()), rest)

    assert {key: got + second.get(key, 0) for key, got in first.items()} == at_once


@for_policies("fifo", "priority", "equal", "weighted", "priority-equal", "ranked", "ageing")
@given(shortage=SIMPLE, part=st.integers(0, 20))
@examples(60)
def test_composition_down(shortage: Shortage, part: int, policy: AllocationPolicy) -> None:
    """
    If less comes than was shared out, sharing it among these shares is the same as anew.
    """
    supply, asked = shortage
    hoped = share(policy, supply, asked)
    less = min(part, supply)
    cut = [claiming(demand, hoped[key_of(demand)]) for demand in asked if hoped[key_of(demand)]]

    then = share(policy, less, cut)

    anew = share(policy, less, asked)
    assert {key: then.get(key, 0) for key in anew} == anew


@for_policies("proportional", "equal", "equal-losses")
@given(shortage=SIMPLE)
@examples(60)
def test_equals_differ_by_one_at_most_and_the_older_is_not_behind(
    shortage: Shortage, policy: AllocationPolicy
) -> None:
    supply, asked = shortage
    oldest_first = sorted(asked, key=lambda demand: demand.fifo_key)

    shares = share(policy, supply, asked)

    for older, younger in combinations(oldest_first, 2):
        if older.claim == younger.claim:
            assert shares[key_of(older)] - shares[key_of(younger)] in (0, 1)


@for_policies("fifo", "priority", "equal", "priority-equal", "ageing", "chain-equal")
@given(shortage=SIMPLE, report=st.integers(1, 12))
@examples(60)
def test_asking_for_anything_but_what_is_wanted_does_not_pay(
    shortage: Shortage, report: int, policy: AllocationPolicy
) -> None:
    supply, asked = shortage
    honest = share(policy, supply, asked)

    for place, demand in enumerate(asked):
        others = [*asked[:place], claiming(demand, report), *asked[place + 1 :]]
        got = share(policy, supply, others)[key_of(demand)]
        assert min(got, demand.claim) <= honest[key_of(demand)]


@for_policies("proportional", "equal", "equal-losses")
@given(shortage=shortages(memory=False, caps=False, max_demands=3, max_claim=12))
@examples(80)
def test_up_to_three_lines_stay_within_a_unit_of_the_exact_rule(
    shortage: Shortage, policy: AllocationPolicy
) -> None:
    supply, asked = shortage
    claims = [Fraction(demand.claim) for demand in asked]
    exact = {
        "fair-share": exact_proportional,
        "fair-share equal": exact_equal,
        "fair-share equal-losses": exact_equal_losses,
    }[getattr(policy, "name", "")](Fraction(supply), claims)

    shares = policy.share(supply, asked)

    for given_units, ideal in zip(shares, exact, strict=True):
        assert abs(given_units - ideal) < 1


@for_policies("equal", "equal-losses")
@given(shortage=shortages(memory=False, caps=False, max_demands=7, max_claim=12))
@examples(60)
def test_equal_shares_and_losses_stay_within_a_unit_of_the_exact_rule_for_any_number(
    shortage: Shortage, policy: AllocationPolicy
) -> None:
    supply, asked = shortage
    claims = [Fraction(demand.claim) for demand in asked]
    rule = exact_equal if getattr(policy, "name", "") == "fair-share equal" else exact_equal_losses

    shares = policy.share(supply, asked)

    for given_units, ideal in zip(shares, rule(Fraction(supply), claims), strict=True):
        assert abs(given_units - ideal) < 1


def exact_proportional(supply: Fraction, claims: list[Fraction]) -> list[Fraction]:
    return [supply * claim / sum(claims) for claim in claims]


def exact_equal(supply: Fraction, claims: list[Fraction]) -> list[Fraction]:
    """Fill the smallest claims as long as they ask for less than an equal part."""
    awards = [Fraction(0)] * len(claims)
    for done, place in enumerate(sorted(range(len(claims)), key=claims.__getitem__)):
        awards[place] = min(claims[place], supply / (len(claims) - done))
        supply -= awards[place]
    return awards


def exact_equal_losses(supply: Fraction, claims: list[Fraction]) -> list[Fraction]:
    losses = exact_equal(sum(claims, Fraction(0)) - supply, claims)
    return [claim - loss for claim, loss in zip(claims, losses, strict=True)]


def in_two(demand: Demand, part: int) -> list[Demand]:
    """Two lines of one order, next to each other in the queue."""
    pieces = [claiming(demand, part), claiming(demand, demand.claim - part)]
    return [
        attrs.evolve(piece, line=attrs.evolve(piece.line, id=LineId(f"{piece.line.id}{name}")))
        for piece, name in zip(pieces, "ab", strict=True)
    ]


@for_policies("fifo", "equal-losses")
@given(shortage=SIMPLE)
@examples(60)
def test_splitting_a_line_in_two_gains_nothing(
    shortage: Shortage, policy: AllocationPolicy
) -> None:
    supply, asked = shortage
    whole = share(policy, supply, asked)

    for place, demand in enumerate(asked):
        for part in range(1, demand.claim):
            pieces = in_two(demand, part)
            shares = share(policy, supply, [*asked[:place], *pieces, *asked[place + 1 :]])
            assert sum(shares[key_of(piece)] for piece in pieces) <= whole[key_of(demand)]


@for_policies("fifo", "equal")
@given(shortage=SIMPLE)
@examples(60)
def test_merging_two_lines_gains_nothing_if_the_later_place_is_kept(
    shortage: Shortage, policy: AllocationPolicy
) -> None:
    supply, asked = shortage
    apart = share(policy, supply, asked)

    for older, younger in combinations(sorted(asked, key=lambda each: each.fifo_key), 2):
        merged = claiming(younger, older.claim + younger.claim)
        others = [demand for demand in asked if demand not in (older, younger)]
        together = share(policy, supply, [*others, merged])
        assert together[key_of(younger)] <= apart[key_of(older)] + apart[key_of(younger)]


@for_every_policy
@given(asked=demands(max_claim=9))
@examples(40)
def test_enough_for_all_is_given_to_all_and_nothing_to_nobody(
    asked: list[Demand], policy: AllocationPolicy
) -> None:
    limits = [demand.limit for demand in asked]

    assert list(policy.share(sum(limits), asked)) == limits
    assert list(policy.share(sum(limits) + 5, asked)) == limits
    assert list(policy.share(0, asked)) == [0] * len(asked)
