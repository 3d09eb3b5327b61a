"""Quotas as values: entries, what they refuse, and scaling rooms down."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import InvalidValueError, Quota, Sku, scale_rooms
from backorderkit.policies import Values

MONDAY = date(2026, 1, 5)
GOOD: dict[str, object] = {
    "name": "channels",
    "by": ["channel"],
    "rooms": {("web",): 5, ("*",): 3},
    "period": "week",
}


def made(**changed: object) -> Quota:
    fields: dict[str, Any] = {**GOOD, **changed}
    return Quota(**fields)


def problems(**changed: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidValueError) as caught:
        made(**changed)
    return [(each.field, each.reason) for each in caught.value.problems]


values = st.sampled_from(["a", "b", "*"])
REAL: list[Values] = list(product("ab", repeat=3))


@given(entries=st.sets(st.tuples(values, values, values), min_size=1, max_size=8))
def test_a_line_falls_under_the_closest_entry(entries: set[Values]) -> None:
    """Among those that fit, the place of the first wildcard decides, then of the next."""
    quota = made(by=["customer", "channel", "location"], rooms=dict.fromkeys(entries, 1))

    for line in REAL:
        fitting = [
            entry
            for entry in entries
            if all(each in {"*", value} for each, value in zip(entry, line, strict=True))
        ]
        closest = min(fitting, key=lambda entry: [each == "*" for each in entry], default=None)
        assert quota.entry_of(line) == closest


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"name": ""}, "name", "must be a non-empty string"),
        ({"by": []}, "by", "must name one attribute at least"),
        ({"by": ["colour"]}, "by", "must be one of channel, currency, customer, "),
        ({"by": ["channel", "channel"]}, "by", "must name each attribute once"),
        ({"rooms": {}}, "rooms", "must have one entry at least"),
        ({"rooms": {"web": 5}}, "rooms", "must be a tuple with a value for each of channel"),
        ({"rooms": {("web", "*"): 5}}, "rooms", "must be a tuple with a value for each"),
        ({"rooms": {(5,): 5}}, "rooms", "must be a string for channel"),
        ({"rooms": {("web",): -1}}, "rooms", "must be >= 0"),
        ({"rooms": {("web",): 1.5}}, "rooms", "must be a whole number"),
        ({"rooms": {("web",): True}}, "rooms", "must be a whole number"),
        ({"rooms": {("web",): {MONDAY: -1}}}, "rooms", "must be >= 0"),
        ({"rooms": {("web",): {date(2026, 1, 6): 1}}}, "rooms", "must be the first day of a week"),
        ({"rooms": {("web",): {datetime(2026, 1, 5, tzinfo=UTC): 1}}}, "rooms", "must be a date"),
        ({"rooms": {("web",): {MONDAY: 1}}, "period": None}, "rooms", "must be a number for all"),
        ({"by": ["priority"], "rooms": {("1",): 5}}, "rooms", "must be a whole number for prio"),
        ({"by": ["priority"], "rooms": {(0,): 5}}, "rooms", "must be > 0 for priority"),
        ({"period": "year"}, "period", "must be one of day, week, month, or None"),
        ({"back": -1}, "back", "must be >= 0"),
        ({"back": 367}, "back", "must be <= 366"),
        ({"back": 1, "period": None}, "back", "must be 0 where there is one room for all time"),
        ({"ahead": 367}, "ahead", "must be <= 366"),
        ({"factor": 0}, "factor", "must be > 0"),
        ({"skus": []}, "skus", "must name one at least, or be None for all"),
        ({"skus": [""]}, "skus", "must be a non-empty string"),
        ({"skus": "MUG"}, "skus", "must be a list of names"),
        ({"skus": [5]}, "skus", "must be a non-empty string"),
        ({"used": {("web",): 1}}, "used", "must be by values and first day of a period"),
        ({"used": {(("web",), None): 1}}, "used", "must be a date"),
        ({"used": {(("web",), MONDAY): -1}}, "used", "must be >= 0"),
        ({"used": {(("web",), MONDAY): 1}, "period": None}, "used", "must be None for all time"),
        ({"used": {(("web",), date(2026, 1, 6)): 1}}, "used", "must be the first day of a week"),
        (
            {"rooms": {("web",): 1}, "used": {(("shop",), MONDAY): 1}},
            "used",
            "must fall under an entry of rooms",
        ),
        ({"rooms": [("web",)]}, "rooms", "must be a mapping"),
        ({"used": 5}, "used", "must be a mapping"),
        ({"by": "channel"}, "by", "must be a list of names"),
    ],
)
def test_what_a_quota_refuses(changed: dict[str, object], field: str, reason: str) -> None:
    ((found, why),) = problems(**changed)

    assert found == field
    assert why.startswith(reason)


def test_all_that_is_wrong_is_named_at_once() -> None:
    found = problems(name="", factor=0, ahead=-1, rooms={("web",): -1, (5,): 1}, skus=[])

    assert [field for field, _ in found] == ["name", "ahead", "factor", "skus", "rooms", "rooms"]


def test_quotas_are_values() -> None:
    rooms: dict[Values, int] = {("web",): 5, ("*",): 3}
    quota = made(rooms=rooms)
    rooms["shop",] = 9

    assert quota == made()
    assert hash(quota) == hash(made())
    assert made(skus=[Sku("A"), Sku("B")]) == made(skus={"B", "A"})


def test_used_units_may_be_named_by_the_lines_that_had_them() -> None:
    assert made(used={(("shop",), MONDAY): 1, (("*",), MONDAY): 1}).entry_of(("shop",)) == ("*",)


rooms_of_three = st.lists(st.integers(0, 30), min_size=3, max_size=3)


@given(units=rooms_of_three, supply=st.integers(0, 100))
def test_scaled_rooms_share_out_what_there_is(units: list[int], supply: int) -> None:
    rooms: dict[Values, int] = dict(zip([("b",), ("a",), (5,)], units, strict=True))

    less, more = scale_rooms(rooms, supply), scale_rooms(rooms, supply + 1)

    assert sum(less.values()) == min(supply, sum(units))
    assert all(less[key] <= more[key] <= rooms[key] for key in rooms)
    assert scale_rooms(dict(reversed(rooms.items())), supply) == less
    total = sum(units)
    if total and supply <= total and all(each * supply % total == 0 for each in units):
        assert list(less.values()) == [each * supply // total for each in units]


def test_scaling_refuses_what_is_no_quantity() -> None:
    with pytest.raises(InvalidValueError) as caught:
        scale_rooms({("web",): -1}, -1)

    assert [each.path for each in caught.value.problems] == ["supply", "rooms[('web',)]"]
