"""ATP by period: textbooks, vendors' pages, and brute force."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import InvalidValueError
from backorderkit.promising import AtpTable, absorbed, projected_inventory, suffix_minimum

ORACLE_SUPPLY, ORACLE_DEMAND = (6, 4, 2, 4, 8, 4, 4, 4), (6, 2, 3, 6, 6, 1, 2, 2)
ONE_LOT = AtpTable(supply=(100, 0, 0, 50), demand=(20, 30, 10, 5))
SHORT_LOT = AtpTable(on_hand=10, supply=(50, 0, 20, 0, 40), demand=(15, 5, 18, 12, 10))
X53 = AtpTable(on_hand=15, supply=(0, 50, 0, 0, 50, 0, 50, 0), demand=(10, 12, 20, 5, 60, 5, 8, 0))


def feasible(table: AtpTable) -> bool:
    """Tell whether all that is booked can be served in its period."""
    return min(table.balance, default=0) >= 0


def booked(table: AtpTable, quantity: int, period: int) -> AtpTable:
    demand = list(table.demand)
    demand[period] += quantity
    return AtpTable(on_hand=table.on_hand, supply=table.supply, demand=demand)


@pytest.mark.parametrize(
    ("table", "atp"),
    [
        pytest.param(
            AtpTable(
                on_hand=64,
                supply=(0, 0, 70, 0, 70, 0, 70, 70),
                demand=(33, 20, 10, 4, 2, 0, 0, 0),
            ),
            (11, None, 56, None, 68, None, 70, 70),
            id="Stevenson, Operations Management, industrial pumps",
        ),
        pytest.param(
            AtpTable(supply=(75, 75, 75, 0), demand=(52, 35, 20, 12)),
            (23, 40, 43, None),
            id="a lot of 75, as APICS defines it (the page itself subtracts period 2 twice)",
        ),
        pytest.param(SHORT_LOT, (40, None, -10, None, 30), id="a lot too small for its orders"),
        pytest.param(X53, (5, 13, None, None, -15, None, 42, None), id="the suites' example"),
        pytest.param(
            AtpTable(
                on_hand=55,
                supply=(0, 150, 0, 0, 0, 0, 150, 0),
                demand=(38, 27, 24, 8, 0, 0, 0, 0),
            ),
            (17, 91, None, None, None, None, 150, None),
            id="Krajewski, Operations Management, chairs",
        ),
    ],
)
def test_discrete_atp_is_as_the_textbooks_print_it(
    table: AtpTable, atp: tuple[int | None, ...]
) -> None:
    assert table.discrete == atp


def test_later_shortages_take_from_earlier_rests() -> None:
    assert absorbed(X53.discrete) == (3, 0, None, None, 0, None, 42, None)
    assert X53.balance == (5, 43, 23, 18, 8, 3, 45, 45)
    assert X53.available == (3, 3, 3, 3, 3, 3, 45, 45)


def test_oracle_inventory_consumes_backward() -> None:
    """Oracle Inventory documentation A60725_05, atpcal02 and atpcal03."""
    table = AtpTable(supply=ORACLE_SUPPLY, demand=ORACLE_DEMAND)
    assert table.period_net == (0, 2, -1, -2, 2, 3, 2, 2)
    assert table.backward == (0, 0, 0, -1, 2, 3, 2, 2)
    assert table.backward_accumulated == (0, 0, 0, -1, 2, 5, 7, 9)


def test_oracle_inventory_after_a_new_demand() -> None:
    """The page prints 2,2,4,5 at the end, which its own rule does not give."""
    table = booked(AtpTable(supply=ORACLE_SUPPLY, demand=ORACLE_DEMAND), 3, 6)
    assert table.backward_accumulated == (0, 0, 0, -1, 2, 4, 4, 6)


def test_what_oracle_accumulates_forgets_the_shortage_that_look_ahead_carries() -> None:
    """Infor LN: the corrected cumulative ATP is the lowest uncorrected value from then on."""
    table = AtpTable(supply=ORACLE_SUPPLY, demand=ORACLE_DEMAND)
    assert table.available == (-1, -1, -1, -1, 1, 4, 6, 8)


def test_the_apics_sentence_taken_literally_counts_the_future_twice() -> None:
    """
    ATP = ATP before + supply - backlog - the later backlog until supply exceeds it.

    As a recursion, what is subtracted for later is subtracted again when later comes.
    """
    supply, demand = ONE_LOT.supply, ONE_LOT.demand
    literal: list[int] = []
    for period in range(len(supply)):
        ahead = 0
        for later in range(period + 1, len(supply)):
            if supply[later] > demand[later]:
                break
            ahead += demand[later] - supply[later]
        before = literal[-1] if literal else 0
        literal.append(before + supply[period] - demand[period] - ahead)

    assert literal == [40, 0, -10, 35]
    assert ONE_LOT.available == (40, 40, 40, 85)
    assert feasible(booked(ONE_LOT, 40, 0))
    assert not feasible(booked(ONE_LOT, 41, 0))


def test_a_table_may_end_with_a_late_supply() -> None:
    assert SHORT_LOT.available == (30, 30, 30, 30, 60)
    assert max(quantity for quantity, _ in [(SHORT_LOT.available[4], 4)]) == 60
    assert SHORT_LOT.schedule(45) == ((0, 30), (4, 15))


def test_inventory_visibility_looks_seven_days_ahead() -> None:
    """Microsoft Inventory Visibility: 20 on hand, demand of 3 on the first of seven days."""
    supply, demand = [0] * 7, [3, 0, 0, 0, 0, 0, 0]

    def shown() -> tuple[int, ...]:
        return AtpTable(on_hand=20, supply=supply, demand=demand).available

    assert shown() == (17,) * 7
    supply[2] = 10
    assert shown() == (17, 17, 27, 27, 27, 27, 27)
    demand[3], supply[4], supply[5] = 15, 1, 3
    assert shown() == (12, 12, 12, 12, 13, 16, 16)
    # The first three are shipped; then a day passes.
    shipped = AtpTable(on_hand=17, supply=supply, demand=[0, *demand[1:]])
    assert shipped.available == (12, 12, 12, 12, 13, 16, 16)
    next_day = AtpTable(on_hand=17, supply=[*supply[1:], 0], demand=[*demand[1:], 0])
    assert next_day.available == (12, 12, 12, 13, 16, 16, 16)


def test_a_forecast_decides_what_is_made_and_never_what_is_promised() -> None:
    """Stevenson, the same pumps: lots of 70 where the inventory would go below zero."""
    lots, inventory = projected_inventory(
        64, (30, 30, 30, 30, 40, 40, 40, 40), (33, 20, 10, 4, 2, 0, 0, 0), lot=70
    )
    assert lots == (0, 0, 70, 0, 70, 0, 70, 70)
    assert inventory == (31, 1, 41, 11, 41, 1, 31, 61)


@st.composite
def tables(draw: st.DrawFn) -> AtpTable:
    """Draw a table in which all that is booked can be served."""
    periods = draw(st.integers(1, 6))
    numbers = st.lists(st.integers(0, 9), min_size=periods, max_size=periods)
    table = AtpTable(on_hand=draw(st.integers(0, 9)), supply=draw(numbers), demand=draw(numbers))
    lack = max(0, -min(table.balance))
    return AtpTable(on_hand=table.on_hand + lack, supply=table.supply, demand=table.demand)


@given(tables())
def test_one_unit_more_than_available_breaks_a_booking(table: AtpTable) -> None:
    for period, available in enumerate(table.available):
        assert feasible(booked(table, available, period))
        assert not feasible(booked(table, available + 1, period))


@given(tables(), st.data())
def test_a_booking_lowers_what_is_available_by_what_it_takes(
    table: AtpTable, data: st.DataObject
) -> None:
    before = table.available
    period = data.draw(st.integers(0, len(before) - 1))
    quantity = data.draw(st.integers(0, before[period]))

    after = booked(table, quantity, period).available

    for other in range(len(before)):
        taken = quantity
        if other < period:
            taken = max(0, quantity - (before[period] - before[other]))
        assert after[other] == before[other] - taken


@given(tables())
def test_look_ahead_is_the_running_sum_of_absorbed_discrete_atp(table: AtpTable) -> None:
    absorbed_net = absorbed(table.period_net)
    assert tuple(accumulate(value or 0 for value in absorbed_net)) == table.available
    assert table.available == suffix_minimum(table.balance)
    assert list(table.available) == sorted(table.available)


@given(tables(), st.integers(1, 40), st.integers(0, 5))
def test_a_schedule_takes_as_much_as_early_as_it_can(
    table: AtpTable, quantity: int, start: int
) -> None:
    parts = table.schedule(quantity, start)

    together = table
    for period, units in parts:
        together = booked(together, units, period)
    assert feasible(together)
    for period in range(start, len(table.available)):
        so_far = sum(units for at, units in parts if at <= period)
        assert so_far == min(quantity, table.available[period])


def bad(**numbers: Sequence[object]) -> dict[str, object]:
    return {"supply": (1,), "demand": (1,), **numbers}


@pytest.mark.parametrize(
    ("given_numbers", "field"),
    [
        (bad(supply=(1, 2)), "demand"),
        (bad(supply=(-1,)), "supply"),
        (bad(demand=(True,)), "demand"),
        (bad(demand=(1.5,)), "demand"),
    ],
)
def test_a_table_refuses_what_is_no_number_of_units(
    given_numbers: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        AtpTable(**given_numbers)  # type: ignore[arg-type]
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("quantity", "start", "field"),
    [(0, 0, "quantity"), (1.5, 0, "quantity"), (True, 0, "quantity"), (3, -2, "start")],
)
def test_a_schedule_is_made_for_a_number_of_units_from_a_period_on(
    quantity: int, start: int, field: str
) -> None:
    table = AtpTable(on_hand=2, supply=[1, 5], demand=[0, 1])
    with pytest.raises(InvalidValueError) as caught:
        table.schedule(quantity, start)
    assert caught.value.field == field


def test_an_inventory_is_projected_in_lots_of_units_and_for_the_same_periods() -> None:
    with pytest.raises(InvalidValueError, match="lot"):
        projected_inventory(1, [5], [5], lot=0)
    with pytest.raises(InvalidValueError, match="as many periods"):
        projected_inventory(1, [5], [5, 5], lot=3)


@given(st.lists(st.none() | st.integers(-9, 9), max_size=9))
def test_a_shortage_takes_unit_by_unit_from_the_nearest_earlier_rest(
    discrete: list[int | None],
) -> None:
    left = list(discrete)
    for period, value in enumerate(discrete):
        for _ in range(-(value or 0)):
            rest = [at for at in range(period) if (left[at] or 0) > 0]
            if rest:
                left[rest[-1]] = (left[rest[-1]] or 0) - 1
                left[period] = (left[period] or 0) + 1
    assert absorbed(discrete) == tuple(left)


def test_shortages_of_many_periods_are_absorbed_in_one_pass() -> None:
    periods = 30_000
    table = AtpTable(supply=[3, 0] * periods, demand=[0, 2] * periods)
    # Looking back over all periods for each shortage, this would take minutes.
    assert table.backward == (1, 0) * periods
