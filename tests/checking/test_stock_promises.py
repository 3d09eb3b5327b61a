"""Promises of units on hand are filled as far as any way of filling them goes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from backorderkit import LineId, Location, OrderId
from backorderkit.checking.stock_promises import Left, StockPromise, filled
from backorderkit.testing import AS_OF

EAST, WEST = Location("EAST"), Location("WEST")
DAYS = st.integers(0, 3)


def promises(drawn: list[tuple[Location | None, int, int]]) -> list[StockPromise]:
    return [
        StockPromise(
            key=(OrderId(f"SO-{number}"), LineId("1")),
            bound=bound,
            due=AS_OF + timedelta(days=day),
            quantity=quantity,
        )
        for number, (bound, day, quantity) in enumerate(drawn)
    ]


def events(drawn: list[tuple[int, int, int]]) -> list[Left]:
    return [
        Left(
            day=(AS_OF + timedelta(days=day)).date(),
            units=Counter({EAST: east, WEST: west}),
        )
        for day, east, west in sorted(drawn)
    ]


def most(told: list[StockPromise], left: list[Left]) -> int:
    """Match units to units, by augmenting paths: the most that fit."""
    units = [
        (event.day, location)
        for event in left
        for location, quantity in event.units.items()
        for _ in range(quantity)
    ]
    wishes = [promise for promise in told for _ in range(promise.quantity)]
    given_to: dict[int, int] = {}

    def has_place(wish: int, tried: set[int]) -> bool:
        bound, due = wishes[wish].bound, wishes[wish].due.date()
        for place, (day, location) in enumerate(units):
            if day <= due and bound in (None, location) and place not in tried:
                tried.add(place)
                if place not in given_to or has_place(given_to[place], tried):
                    given_to[place] = wish
                    return True
        return False

    return sum(has_place(wish, set()) for wish in range(len(wishes)))


@given(
    st.lists(st.tuples(st.sampled_from((None, EAST, WEST)), DAYS, st.integers(1, 3)), max_size=5),
    st.lists(st.tuples(DAYS, st.integers(-1, 2), st.integers(-1, 2)), max_size=4),
)
def test_as_many_units_are_found_as_any_matching_finds(
    drawn: list[tuple[Location | None, int, int]], supply: list[tuple[int, int, int]]
) -> None:
    told, left = promises(drawn), events(supply)

    found = filled(told, left)

    wanted = Counter({promise.key: promise.quantity for promise in told})
    missing = Counter({promise.key: promise.quantity for promise in found.missing})
    kept = sum(found.kept, Counter[tuple[OrderId, LineId]]())
    assert kept + missing == wanted
    assert kept.total() == most(told, left)
    for event, given_now in zip(left, found.kept, strict=True):
        assert given_now.total() <= sum(max(0, units) for units in event.units.values())
        assert all(
            event.day <= promise.due.date() for promise in told if given_now[promise.key] > 0
        )
