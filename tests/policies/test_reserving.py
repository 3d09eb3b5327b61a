"""From which day on a line may take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import AT_ONCE, BY_HAND, InvalidValueError, Reserve
from tests.policies.segmented import AS_OF, EAST, NAIVE

TODAY = AS_OF.toordinal()


@given(days=st.integers(0, 400), ahead=st.integers(-30, 400), hour=st.integers(0, 23))
def test_so_many_days_before_the_day_it_is_requested_for(days: int, ahead: int, hour: int) -> None:
    requested = AS_OF.replace(hour=hour) + timedelta(days=ahead)

    opened = Reserve(method="days-before", days=days).opens(requested, AS_OF)

    assert opened == TODAY + ahead - days


def test_days_are_those_of_utc() -> None:
    early = datetime(2026, 1, 20, 1, tzinfo=EAST)

    assert Reserve(method="days-before", days=1).opens(early, AS_OF) == TODAY + 13
    assert AT_ONCE.opens(None, datetime(2026, 1, 6, 1, tzinfo=EAST)) == TODAY


@pytest.mark.parametrize("requested", [None, datetime(2027, 1, 1, tzinfo=UTC)])
def test_at_once_is_today_and_by_hand_is_never(requested: datetime | None) -> None:
    assert AT_ONCE.opens(requested, AS_OF) == TODAY
    assert BY_HAND.opens(requested, AS_OF) is None


def test_who_names_no_date_takes_at_once() -> None:
    assert Reserve(method="days-before", days=7).opens(None, AS_OF) == TODAY


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"method": "soon", "days": -1}, ["method", "days"]),
        ({"method": "days-before", "days": 1.5}, ["days"]),
        ({"method": "days-before", "days": True}, ["days"]),
        ({"days": 3}, ["days"]),
        ({"method": "by-hand", "days": 3}, ["days"]),
    ],
)
def test_what_is_no_method_is_refused(wrong: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(InvalidValueError) as refused:
        Reserve(**wrong)

    assert [each.field for each in refused.value.problems] == fields


@pytest.mark.parametrize("reserve", [AT_ONCE, BY_HAND, Reserve(method="days-before", days=1)])
@pytest.mark.parametrize("naive", NAIVE[:2])
def test_times_without_a_zone_are_refused(reserve: Reserve, naive: Never) -> None:
    with pytest.raises(InvalidValueError, match="as_of"):
        reserve.opens(None, naive)
    with pytest.raises(InvalidValueError, match="requested"):
        reserve.opens(naive, AS_OF)
