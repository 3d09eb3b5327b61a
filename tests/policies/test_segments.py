"""Segments: which one a line falls into, and lists of them that are refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    AT_ONCE,
    AllocationPolicy,
    Condition,
    Contract,
    FairShare,
    Fifo,
    InvalidValueError,
    KeepPromises,
    Order,
    Priority,
    Segment,
    Shipping,
    ShipRule,
)
from backorderkit.policies import Attribute, check_segments, sort_into
from tests.policies.segmented import AS_OF, NAIVE, Pair, is_in, order_books, segments, times

WEB = Condition(attribute="channel", one_of=["web"])


def sorted_into(listed: list[Segment], pairs: list[Pair], as_of: datetime = AS_OF) -> list[int]:
    return sort_into(listed, [order for order, _ in pairs], [line for _, line in pairs], as_of)


@given(listed=segments, pairs=order_books(), as_of=times)
def test_a_line_falls_into_the_first_segment_that_it_matches(
    listed: list[Segment], pairs: list[Pair], as_of: datetime
) -> None:
    expected = [
        next((place for place, each in enumerate(listed) if is_in(each, pair, as_of)), -1)
        for pair in pairs
    ]

    assert sorted_into(listed, pairs, as_of) == expected
    # A matcher knows nothing of what stands before.
    for each in listed:
        matches = each.matcher(as_of)
        assert [matches(*pair) for pair in pairs] == [is_in(each, pair, as_of) for pair in pairs]


@given(listed=segments, pairs=order_books(), data=st.data())
def test_the_order_of_lines_and_of_conditions_does_not_matter(
    listed: list[Segment], pairs: list[Pair], data: st.DataObject
) -> None:
    turned = [
        Segment(each.name, include=reversed(each.include), exclude=reversed(each.exclude))
        for each in listed
    ]
    shuffled = data.draw(st.permutations(pairs))
    keys = [(order.id, line.id) for order, line in pairs]
    before = dict(zip(keys, sorted_into(listed, pairs), strict=True))

    for (order, line), place in zip(shuffled, sorted_into(turned, shuffled), strict=True):
        assert before[order.id, line.id] == place


def test_many_segments_are_as_good_as_few() -> None:
    orders = [Order.of(f"SO-{n:03}", "2026-01-02", {"MUG": n + 1}) for n in range(300)]
    listed = [
        Segment(f"{n}", include=[Condition(attribute="ordered", one_of=[n + 1])])
        for n in reversed(range(200))
    ]

    places = sorted_into(listed, [(order, order.lines[0]) for order in orders])

    assert places == [*reversed(range(200)), *[-1] * 100]


def test_orders_that_look_alike_are_not_taken_for_one() -> None:
    listed = [Segment("web", include=[WEB])]
    web = Order.of("SO-1", "2026-01-02", {"MUG": 1, "BOWL": 1}, channel="web")
    shop = Order.of("SO-2", "2026-01-02", {"MUG": 1, "BOWL": 1}, channel="shop")
    pairs = [(web, web.lines[0]), (shop, shop.lines[0]), (web, web.lines[1]), (shop, shop.lines[1])]

    assert sorted_into(listed, pairs) == [0, -1, 0, -1]


@pytest.mark.parametrize("attribute", ["customer", "channel"])
def test_an_empty_name_is_none(attribute: Attribute) -> None:
    order = Order.of("SO-1", "2026-01-02", {"MUG": 1})
    named = Segment("named", include=[Condition(attribute=attribute, given=True)])
    nameless = Segment("nameless", include=[Condition(attribute=attribute, given=False)])

    assert sorted_into([named, nameless], [(order, order.lines[0])]) == [1]


def test_without_segments_no_line_is_in_one() -> None:
    order = Order.of("SO-1", "2026-01-02", {"MUG": 1})

    assert sorted_into([], [(order, order.lines[0])]) == [-1]
    assert sorted_into([Segment("all")], []) == []


def test_there_must_be_one_order_for_each_line() -> None:
    order = Order.of("SO-1", "2026-01-02", {"MUG": 1})

    with pytest.raises(InvalidValueError, match="orders: got 2, must be as many as the lines: 1"):
        sort_into([Segment("all")], [order, order], order.lines, AS_OF)


@pytest.mark.parametrize("as_of", NAIVE)
def test_a_moment_without_a_zone_is_refused(as_of: Never) -> None:
    with pytest.raises(InvalidValueError, match="as_of"):
        sort_into([], [], [], as_of)


def test_a_segment_keeps_what_it_is_given() -> None:
    every: dict[str, Any] = {
        "include": (WEB,),
        "exclude": (),
        "contract": Contract(floor="keep-or-raise"),
        "policy": Fifo(),
        "place": -2,
        "ship": ShipRule(whole=True),
        "reserve": AT_ONCE,
    }
    made = Segment("web", **every)

    assert {name: getattr(made, name) for name in every} == every
    assert made == Segment("web", **{**every, "include": [WEB]})


def test_what_is_no_segment_is_refused_whole() -> None:
    wrong: dict[str, Any] = {
        "include": [WEB, "web"],
        "exclude": [None],
        "contract": "keep",
        "policy": Fifo,
        "place": 1.5,
        "ship": True,
        "reserve": "at-once",
    }

    with pytest.raises(InvalidValueError) as refused:
        Segment("", **wrong)

    paths = [each.path for each in refused.value.problems]
    assert paths == [
        *("name", "include[1]", "exclude[0]"),
        *("contract", "ship", "reserve", "place", "policy"),
    ]


@pytest.mark.parametrize("given", [{"include": WEB}, {"exclude": 5}])
def test_conditions_come_in_lists(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match="must be an iterable"):
        Segment("web", **given)


@pytest.mark.parametrize(
    "policy", [Shipping(Fifo(), rule=ShipRule()), KeepPromises(Fifo())], ids=lambda each: each.name
)
def test_a_mode_of_whole_plans_is_no_policy_of_a_part(policy: AllocationPolicy) -> None:
    with pytest.raises(InvalidValueError, match="must not be"):
        Segment("web", policy=policy)


def test_a_list_of_segments_is_taken_as_it_stands() -> None:
    listed = [
        Segment("b", place=2, policy=Fifo()),
        Segment("a", place=1, policy=FairShare(rule="equal")),
        Segment("c", place=1),
        Segment("d", place=1, policy=FairShare(rule="equal")),
    ]

    assert check_segments(iter(listed)) == tuple(listed)


def test_a_list_that_contradicts_itself_is_refused_whole() -> None:
    listed: Any = [
        Segment("a", policy=Fifo()),
        Segment("a", place=1),
        "b",
        Segment("c", policy=Priority()),
    ]

    with pytest.raises(InvalidValueError) as refused:
        check_segments(listed)

    assert [(each.path, each.reason) for each in refused.value.problems] == [
        ("segments[1].name", "must be unique"),
        ("segments[2]", "must be a Segment"),
        ("segments[3].policy", "must be fifo as that of a, which has the same place"),
    ]


@pytest.mark.parametrize("wrong", [None, 5, Segment("a")])
def test_what_is_no_list_is_refused(wrong: Never) -> None:
    with pytest.raises(InvalidValueError, match="must be an iterable"):
        check_segments(wrong)
