"""Conditions: what meets them, by the single line, and what is refused."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import Condition, InvalidValueError, LineId, Order, OrderLine, Sku
from backorderkit.policies.attributes import ATTRIBUTES
from tests.policies.segmented import (
    AS_OF,
    EAST,
    NAIVE,
    READ,
    Pair,
    conditions,
    meets,
    order_books,
    times,
)

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


def line(requested: datetime | None = None) -> Pair:
    made = OrderLine(id=LineId("1"), sku=Sku("MUG"), ordered=5, requested=requested)
    return Order.of("SO-1", "2026-01-02", [made]), made


@given(condition=conditions(), pairs=order_books(), as_of=times)
def test_a_matcher_says_what_each_line_says_by_itself(
    condition: Condition, pairs: list[Pair], as_of: datetime
) -> None:
    matches = condition.matcher(as_of)

    assert [matches(*pair) for pair in pairs] == [meets(condition, pair, as_of) for pair in pairs]


def test_every_attribute_can_be_asked_for() -> None:
    assert list(ATTRIBUTES) == list(READ)


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        ("2026-01-04T23:59:59.999999+00:00", False),
        ("2026-01-05T00:00:00+00:00", True),
        ("2026-01-12T23:59:59.999999+00:00", True),
        ("2026-01-13T00:00:00+00:00", False),
        ("2026-01-13T00:00:00+13:00", True),
    ],
)
def test_from_day_0_to_day_7_are_eight_days_of_utc(requested: str, expected: bool) -> None:  # noqa: FBT001
    matches = Condition(attribute="requested", from_day=0, to_day=7).matcher(AS_OF)

    assert matches(*line(datetime.fromisoformat(requested))) is expected


def test_today_is_that_of_utc_whatever_the_clock_on_the_wall_says() -> None:
    # In the far east it is the 6th already.
    matches = Condition(attribute="requested", to_day=0).matcher(
        datetime(2026, 1, 6, 1, tzinfo=EAST)
    )

    assert matches(*line(datetime(2026, 1, 5, 23, tzinfo=UTC)))
    assert not matches(*line(datetime(2026, 1, 6, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({"from_day": 10**7}, False),
        ({"from_day": -(10**7)}, True),
        ({"to_day": 10**7}, True),
        ({"to_day": -(10**7)}, False),
        ({"from_day": -(10**7), "to_day": 10**7}, True),
        ({"from_day": 10**7, "to_day": 10**8}, False),
        ({"from_day": -(10**8), "to_day": -(10**7)}, False),
    ],
)
@pytest.mark.parametrize("when", [FIRST, AS_OF, LAST], ids=str)
def test_days_beyond_the_calendar_are_still_before_or_behind_all(
    days: dict[str, int],
    expected: bool,  # noqa: FBT001
    when: datetime,
) -> None:
    matches = Condition(attribute="requested", **days).matcher(AS_OF)  # type: ignore[arg-type]

    assert matches(*line(when)) is expected


def test_what_a_line_lacks_meets_nothing_but_that_it_is_lacking() -> None:
    lacking = line()
    for condition in (
        Condition(attribute="requested", to_day=0),
        Condition(attribute="customer", starts_with="A"),
        Condition(attribute="channel", given=True),
        Condition(attribute="unit_price", most=9),
    ):
        assert not condition.matcher(AS_OF)(*lacking)
    assert Condition(attribute="channel", given=False).matcher(AS_OF)(*lacking)


def test_equal_conditions_are_equal_however_they_are_written() -> None:
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    one = Condition(attribute="placed_at", one_of=[noon, noon - timedelta(1)], least=noon)
    other = Condition(
        attribute="placed_at",
        one_of=iter([noon - timedelta(1), noon.astimezone(EAST)]),
        least=noon.astimezone(EAST),
    )

    assert one == other
    assert hash(one) == hash(other)
    assert repr(one) == repr(other)
    assert pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"attribute": "colour", "least": 1}, {"attribute": "must be one of order, line, sku"}),
        ({"attribute": "sku"}, {"attribute": "must be tested"}),
        ({"attribute": "sku", "one_of": []}, {"one_of": "must name one value"}),
        ({"attribute": "sku", "one_of": "MUG"}, {"one_of": "must be a list of values"}),
        ({"attribute": "sku", "one_of": 5}, {"one_of": "must be an iterable"}),
        ({"attribute": "sku", "one_of": ["A", "A"]}, {"one_of": "must list each value once"}),
        (
            {"attribute": "customer", "one_of": ["", 5, "A", ["B"]]},
            {
                "one_of[0]": "non-empty string",
                "one_of[1]": "non-empty string",
                "one_of[3]": "non-empty string",
            },
        ),
        ({"attribute": "priority", "one_of": [True]}, {"one_of[0]": "whole number"}),
        ({"attribute": "priority", "least": 1.0}, {"least": "whole number"}),
        ({"attribute": "priority", "least": Decimal(1)}, {"least": "whole number"}),
        ({"attribute": "priority", "most": 2**63}, {"most": "must be < 2**63"}),
        ({"attribute": "priority", "starts_with": "1"}, {"starts_with": "is no text"}),
        ({"attribute": "unit_price", "most": 1.5}, {"most": "finite Decimal"}),
        ({"attribute": "unit_price", "most": Decimal("NaN")}, {"most": "finite Decimal"}),
        ({"attribute": "unit_price", "most": Decimal("1e999999")}, {"most": "of sane size"}),
        ({"attribute": "ordered", "least": 5, "most": 4}, {"least": "must be <= most = 4"}),
        ({"attribute": "requested", "least": datetime(2026, 1, 1)}, {"least": "a time zone"}),  # noqa: DTZ001
        ({"attribute": "requested", "most": "2026-01-01"}, {"most": "must be a datetime"}),
        ({"attribute": "requested", "from_day": 8, "to_day": 7}, {"from_day": "must be <= to_day"}),
        ({"attribute": "requested", "from_day": 0.5}, {"from_day": "whole number"}),
        ({"attribute": "requested", "given": 1}, {"given": "must be true or false"}),
        ({"attribute": "requested", "given": False, "to_day": 7}, {"given": "beside to_day"}),
        ({"attribute": "ordered", "given": True}, {"given": "every line has ordered"}),
        ({"attribute": "sku", "starts_with": ""}, {"starts_with": "non-empty string"}),
        (
            {"attribute": "channel", "least": "a", "from_day": 0, "one_of": [None]},
            {"one_of[0]": "string", "least": "is a text", "from_day": "is no time"},
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_whole(
    given: dict[str, Any], problems: dict[str, str]
) -> None:
    with pytest.raises(InvalidValueError) as refused:
        Condition(**given)

    found = {each.field: each.reason for each in refused.value.problems}
    assert list(found) == list(problems)
    for field, reason in problems.items():
        assert reason in found[field]


@pytest.mark.parametrize("as_of", NAIVE)
def test_a_moment_without_a_zone_is_no_today(as_of: Never) -> None:
    with pytest.raises(InvalidValueError, match="as_of"):
        Condition(attribute="requested", to_day=7).matcher(as_of)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition(attribute="channel", given=False), "channel is not given"),
        (Condition(attribute="priority", least=1, most=2), "priority is at least 1 and at most 2"),
        (Condition(attribute="requested", from_day=-1), "requested is from day -1"),
        (
            Condition(attribute="sku", one_of=list("ABCDE"), starts_with="A"),
            "sku is 'A' or 'B' or 'C' or 2 more and something that starts with 'A'",
        ),
        (
            Condition(attribute="placed_at", most=AS_OF),
            "placed_at is at most 2026-01-05T09:00:00Z",
        ),
    ],
)
def test_a_condition_can_be_read(condition: Condition, words: str) -> None:
    assert str(condition) == words


@given(condition=conditions(), moment=times, later=st.integers(0, 3))
def test_between_turns_the_answer_is_one(
    condition: Condition, moment: datetime, later: int
) -> None:
    if condition.attribute not in {"placed_at", "requested", "cancel_after"}:
        return
    if moment > LAST - timedelta(later):
        return
    test, turns = condition.test_at(AS_OF), condition.turns_at(AS_OF)
    other = moment + timedelta(days=later)

    if not any(moment < turn <= other for turn in turns):
        assert test(moment) == test(other)
