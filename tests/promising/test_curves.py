"""Curves of outcomes: counts, what is still open, and what is borrowed from others."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit.promising.credibility import components, weight_of
from backorderkit.promising.curves import NOTHING, Curve, Seen, blended

# Weeks in remission of 21 patients, + while it lasts (Freireich et al., Blood 21 (1963)),
# and the estimate in Kleinbaum and Klein, Survival Analysis, chapter 2.
REMISSION = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
SURVIVING = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}


@st.composite
def seen(draw: st.DrawFn) -> Seen:
    until = draw(st.integers(0, 12))
    value = draw(st.none() | st.integers(-5, until))
    return Seen(value, until)


known = st.integers(-5, 12).map(lambda value: Seen(value, 12))
outcomes = st.lists(seen(), max_size=12)
weights = st.integers(1, 20)


def plainly(own: list[Seen], prior: Curve, weight: int, day: int) -> Fraction:
    """Multiply what is left from day to day, as the formula has it."""
    left = Fraction(1)
    for each in range(-6, day + 1):
        before = 1 - prior.at_most(each - 1)
        happened = sum(s.value == each for s in own) + weight * (before - (1 - prior.at_most(each)))
        at_risk = weight * before + sum(
            each <= (s.until if s.value is None else s.value) for s in own
        )
        if happened:
            left *= 1 - happened / at_risk
    return 1 - left


def test_the_estimate_is_that_of_a_published_table() -> None:
    times = [(int(text.rstrip("+")), text.endswith("+")) for text in REMISSION.split()]
    remission = [Seen(None if lasts else week, week) for week, lasts in times]

    curve = blended(remission, NOTHING, 0)

    found = {week: round(1 - float(curve.at_most(week)), 4) for week in SURVIVING}
    assert found == SURVIVING
    assert curve.quantile(50) == (23, 1 - Fraction(rest_at(curve, 23), curve.whole))


def rest_at(curve: Curve, value: int) -> int:
    return curve.rests[curve.values.index(value)]


def test_one_more_of_the_same_kind_may_be_worse_than_all_before() -> None:
    curve = blended([Seen(day, 30) for day in range(1, 20)])

    assert curve.quantile(95) == (19, Fraction(19, 20))
    assert curve.quantile(96) == (19, Fraction(19, 20))
    assert curve.at_most(100) == Fraction(19, 20)


def test_what_never_happened_has_no_quantile() -> None:
    assert NOTHING.quantile(50) is None
    assert blended([Seen(None, 9)]).quantile(50) is None
    assert blended([Seen(0, 9)]).quantile(50, above=0) is None


def test_known_outcomes_count_beside_the_prior_by_its_weight() -> None:
    prior = blended([Seen(0, 9), Seen(5, 9), Seen(9, 9)])

    curve = blended([Seen(0, 9), Seen(7, 9)], prior, 4)

    assert curve.at_most(0) == Fraction(1 + 4 * Fraction(1, 4), 2 + 4)
    assert curve.at_most(7) == Fraction(2 + 4 * Fraction(2, 4), 2 + 4)
    assert curve.at_most(9) == Fraction(2 + 4 * Fraction(3, 4), 2 + 4)


@given(outcomes, outcomes, weights)
def test_law_the_curve_is_the_plain_product(own: list[Seen], wider: list[Seen], k: int) -> None:
    prior = blended(wider)

    curve = blended(own, prior, k)

    for day in range(-6, 14):
        # What is too fine is rounded, towards less.
        assert 0 <= plainly(own, prior, k, day) - curve.at_most(day) <= Fraction(50, 10**12)


@given(outcomes, outcomes, weights, st.integers(-6, 13), st.integers(1, 99))
def test_law_a_quantile_is_the_least_that_reaches_it(
    own: list[Seen], wider: list[Seen], k: int, above: int, percent: int
) -> None:
    curve = blended(own, blended(wider), k)

    found = curve.quantile(percent, above=above)

    if found is None:
        assert curve.at_most(99, above=above) in {0, 1}
        return
    value, reached = found
    assert value > above
    assert reached == curve.at_most(value, above=above)
    assert curve.at_most(value - 1, above=above) < min(reached, Fraction(percent, 100))
    assert 100 * reached >= percent or reached == curve.at_most(99, above=above)


@given(outcomes, outcomes, weights, st.randoms())
def test_law_the_order_of_outcomes_is_nothing(
    own: list[Seen], wider: list[Seen], k: int, random: Random
) -> None:
    mixed = list(own)
    random.shuffle(mixed)

    assert blended(mixed, blended(wider[::-1]), k) == blended(own, blended(wider), k)


@given(outcomes, st.integers(0, 12))
def test_law_what_is_still_open_makes_nothing_surer(own: list[Seen], until: int) -> None:
    with_open = blended([*own, Seen(None, until)])

    assert all(with_open.at_most(day) <= blended(own).at_most(day) for day in range(-6, 14))


@given(st.lists(known, min_size=1, max_size=12), st.integers(-5, 12))
def test_law_with_much_weight_the_prior_stands(own: list[Seen], day: int) -> None:
    prior = blended([Seen(0, 12), Seen(3, 12), Seen(3, 12)])

    near = blended(own, prior, 10**6)

    assert abs(near.at_most(day) - prior.at_most(day)) < Fraction(1, 10**4)


def test_the_variances_are_those_of_a_published_example() -> None:
    """
    Two policyholders, losses 3, 5, 7 and 6, 12, 9: v = 13/2, a = 35/6, so that three
    years weigh Z = 35/48 (Klugman, Panjer and Willmot, Loss Models).
    """
    found = components([[(3, 15, 83), (3, 27, 261)]])

    assert found is not None
    within, between = found.within, found.between
    assert Fraction(within, between) == pytest.approx(Fraction(13, 2) / Fraction(35, 6))
    assert Fraction(3 * between, 3 * between + within) == pytest.approx(Fraction(35, 48))


def test_groups_of_several_families_are_compared_with_their_own() -> None:
    """
    Families that lie apart say nothing of how their groups differ.
    """
    low, high = (3, 15, 83), (3, 27, 261)
    apart = [(each[0], each[1] + 300, each[2] + 200 * each[1] + 30_000) for each in (low, high)]

    one, both = components([[low, high]]), components([[low, high], apart])

    assert one is not None
    assert both is not None
    assert (both.within, both.between) == (one.within, one.between)


def group(late: int, on_time: int) -> list[Seen]:
    return [Seen(7, 30)] * late + [Seen(0, 30)] * on_time


@pytest.mark.parametrize(
    ("families", "expected"),
    [
        pytest.param([], None, id="nothing"),
        pytest.param([[group(1, 9)]], None, id="one group"),
        pytest.param([[group(1, 0), group(0, 1)]], None, id="one outcome each"),
        pytest.param([[group(1, 9), group(1, 9), group(1, 9)]], None, id="all the same"),
        pytest.param([[group(1, 9), group(2, 8), group(1, 9)]], None, id="as chance has it"),
        # They lie apart by 0.12 more than if alike, which chance does to 0.22 or so.
        pytest.param([[group(1, 19), group(4, 16)]], None, id="perhaps different"),
        pytest.param([[group(0, 20), group(20, 0)]], 1, id="nothing in common"),
        # (46 / 297) / ((2 - 2 x 46 / 297) / 200) = 18.3
        pytest.param([[group(10, 90), group(30, 70), group(20, 80)]], 18, id="different"),
        pytest.param([[group(10, 90)], [group(90, 10)]], None, id="alone in their families"),
    ],
)
def test_a_wider_past_weighs_by_how_much_groups_differ(
    families: list[list[list[Seen]]], expected: int | None
) -> None:
    assert weight_of(families) == expected


@given(st.lists(st.lists(seen(), max_size=6), max_size=5), st.integers(0, 9))
def test_law_the_order_of_groups_is_nothing(groups: list[list[Seen]], turn: int) -> None:
    turned = groups[turn:] + groups[:turn]

    assert weight_of([turned]) == weight_of([groups])
    assert weight_of([[own[::-1] for own in groups]]) == weight_of([groups])
