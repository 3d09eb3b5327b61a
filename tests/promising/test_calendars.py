"""Working days: published numbers, what a calendar must not do, and the laws of counting."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit.errors import InvalidValueError
from backorderkit.promising import (
    EVERY_DAY,
    MON_TO_FRI,
    AllOf,
    Calendar,
    WeekCalendar,
    add_working_days,
    first_working_day_from,
    last_working_day_until,
    subtract_working_days,
)
from backorderkit.public_holidays import HolidayCalendar
from tests.promising.calendars import calendars, days


class Host:
    """A calendar of a host that answers as it is told."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def is_working(self, day: date, /) -> bool:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[return-value]


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "count", "week", "closed", "expected"),
    [
        # Microsoft's page of WORKDAY, its example: 151 days after 10/1/2008.
        pytest.param("2008-10-01", 151, "Mon-Fri", (), "2009-04-30", id="WORKDAY"),
        pytest.param(
            *("2008-10-01", 151, "Mon-Fri", ("2008-11-26", "2008-12-04", "2009-01-21")),
            "2009-05-05",
            id="WORKDAY with holidays",
        ),
        # excel-formulas.blogspot.com, "Calculating Number of Working Days".
        pytest.param("2009-01-01", 6, "Mon-Fri", (), "2009-01-09", id="WORKDAY of six"),
        # numpy's page of busday_offset and its guide of datetimes, roll="forward".
        pytest.param("2011-10-01", 0, "Mon-Fri", (), "2011-10-03", id="first of October 2011"),
        pytest.param("2012-05-01", 1, "Sun", (), "2012-05-13", id="Mother's Day 2012"),
        pytest.param("2011-03-20", 0, "Mon-Fri", (), "2011-03-21", id="from a Sunday"),
        pytest.param("2011-03-22", 0, "Mon-Fri", (), "2011-03-22", id="from a Tuesday"),
        pytest.param("2011-06-25", 2, "Mon-Fri", (), "2011-06-29", id="two days from a Saturday"),
        pytest.param("2011-01-01", 2, "Wed", (), "2011-01-19", id="third Wednesday of 2011"),
    ],
)
def test_days_are_added_as_published(
    start: str, count: int, week: str, closed: tuple[str, ...], expected: str
) -> None:
    calendar = WeekCalendar.of(week, closed=closed)

    assert add_working_days(day(start), count, calendar=calendar) == day(expected)


@pytest.mark.parametrize(
    ("end", "count", "expected"),
    [
        # numpy's guide of datetimes, roll="backward".
        pytest.param("2011-06-25", 0, "2011-06-24", id="until a Saturday"),
        pytest.param("2009-04-30", 151, "2008-10-01", id="WORKDAY the other way"),
        pytest.param("2026-01-05", 1, "2026-01-02", id="over a weekend"),
        pytest.param("2026-01-04", 1, "2026-01-01", id="a Sunday counts as the Friday before"),
    ],
)
def test_days_are_subtracted(end: str, count: int, expected: str) -> None:
    assert subtract_working_days(day(end), count, calendar=MON_TO_FRI) == day(expected)


def test_a_closed_date_and_an_opened_one_are_exceptions_of_the_week() -> None:
    shop = WeekCalendar(
        weekdays=[0, 1, 2, 3, 4], closed=[date(2026, 12, 25)], opened=[date(2026, 12, 19)]
    )

    assert first_working_day_from(date(2026, 12, 19), calendar=shop) == date(2026, 12, 19)
    assert first_working_day_from(date(2026, 12, 25), calendar=shop) == date(2026, 12, 28)
    assert last_working_day_until(date(2026, 12, 27), calendar=shop) == date(2026, 12, 24)


def test_text_makes_the_same_calendar_as_values() -> None:
    text = WeekCalendar.of("mon Wed SAT-Sun", closed=["2026-01-05/2026-01-07", date(2026, 2, 2)])

    assert text == WeekCalendar(
        weekdays=(0, 2, 5, 6),
        closed=(date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7), date(2026, 2, 2)),
    )
    assert WeekCalendar.of("Mon-Sun") == EVERY_DAY
    assert WeekCalendar.of("Sat-Wed").weekdays == {5, 6, 0, 1, 2}
    assert WeekCalendar.of("Tue-Tue").weekdays == {1}


@pytest.mark.parametrize("week", ["", "Mon-", "-Mon", "Monday", "Mon,Tue", "Mon-Fri-Sat", 5])
def test_text_that_is_no_week_is_refused(week: str) -> None:
    with pytest.raises(InvalidValueError, match=r"week: .*must be days of the week"):
        WeekCalendar.of(week)


@pytest.mark.parametrize(
    "closed",
    [
        "2026-02-30",
        "2026-1-5",
        "20260105",
        "2026-01-05/",
        "2026-01-05/2026-01-04",
        "0001-01-01/9999-12-31",
    ],
)
def test_text_that_is_no_date_or_period_is_refused(closed: str) -> None:
    with pytest.raises(InvalidValueError, match=r"closed: .*must be a date such as"):
        WeekCalendar.of("Mon-Fri", closed=[closed])


def test_a_date_that_should_be_in_a_list_is_refused_once() -> None:
    with pytest.raises(InvalidValueError, match=r"closed: .*must be a list of dates") as caught:
        WeekCalendar.of("Mon-Fri", closed="2026-12-25")

    assert len(caught.value.problems) == 1


def test_all_that_is_wrong_with_a_calendar_is_named_at_once() -> None:
    both = date(2026, 1, 5)

    with pytest.raises(InvalidValueError) as caught:
        WeekCalendar(
            weekdays=[7, True], closed=[both, datetime(2026, 1, 6, tzinfo=UTC)], opened=[both]
        )

    assert sorted(problem.field for problem in caught.value.problems) == [
        *("closed", "opened", "weekdays", "weekdays")
    ]


@pytest.mark.parametrize(
    ("weekdays", "reason"),
    [
        pytest.param([], "must not be empty", id="nothing is worked"),
        pytest.param([[0]], "can be hashed", id="a list in a list"),
        pytest.param(5, "must be an iterable", id="a number"),
    ],
)
def test_a_week_that_is_none_is_refused(weekdays: list[int], reason: str) -> None:
    with pytest.raises(InvalidValueError, match=reason):
        WeekCalendar(weekdays=weekdays)


def test_a_calendar_of_single_dates_needs_no_week() -> None:
    market = WeekCalendar(weekdays=(), opened=(date(2026, 5, 1),))

    assert first_working_day_from(date(2026, 4, 1), calendar=market) == date(2026, 5, 1)


def test_what_is_no_calendar_cannot_be_combined() -> None:
    with pytest.raises(InvalidValueError, match=r"calendars\[1\]: .*must be a calendar"):
        AllOf(calendars=(EVERY_DAY, "Mon-Fri"))  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"calendars\[0\]"):
        AllOf(calendars=(WeekCalendar,))  # type: ignore[arg-type]


def test_calendars_that_share_no_day_are_found_out() -> None:
    never = AllOf(calendars=(MON_TO_FRI, WeekCalendar.of("Sat-Sun")))

    with pytest.raises(InvalidValueError, match="in the 400 days from 2026-01-05"):
        first_working_day_from(date(2026, 1, 5), calendar=never)
    with pytest.raises(InvalidValueError, match="in the 400 days until 2026-01-05"):
        last_working_day_until(date(2026, 1, 5), calendar=never)


@pytest.mark.parametrize("gap", [399, 400])
def test_a_closure_of_less_than_400_days_is_waited_for(gap: int) -> None:
    first = date(2026, 1, 1)
    calendar = WeekCalendar(weekdays=(), opened=[first + timedelta(days=gap)])

    if gap < 400:
        found = first_working_day_from(first, calendar=calendar)
        assert found == first + timedelta(days=gap)
    else:
        with pytest.raises(InvalidValueError, match="working day"):
            first_working_day_from(first, calendar=calendar)


def test_weekends_of_many_years_are_no_long_closure() -> None:
    """1,500 working days are 300 weeks, with 600 days of weekends."""
    start = date(2026, 1, 5)

    end = add_working_days(start, 1500, calendar=MON_TO_FRI)

    assert end == start + timedelta(weeks=300)
    assert subtract_working_days(end, 1500, calendar=MON_TO_FRI) == start


@pytest.mark.parametrize("answer", [None, 1, "no"])
def test_an_answer_that_is_not_true_or_false_is_refused(answer: object) -> None:
    for calendar in (Host(answer), AllOf(calendars=(Host(answer),))):
        with pytest.raises(InvalidValueError, match=r"is_working: .*must be True or False"):
            first_working_day_from(date(2026, 1, 5), calendar=calendar)


def test_what_a_calendar_raises_comes_out_with_the_question() -> None:
    with pytest.raises(KeyError) as caught:
        first_working_day_from(date(2026, 1, 5), calendar=Host(KeyError("2026")))

    assert "was asked about 2026-01-05" in caught.value.__notes__[0]


@pytest.mark.parametrize("start", [datetime(2026, 1, 5, tzinfo=UTC), "2026-01-05", None])
def test_only_a_date_is_a_day(start: object) -> None:
    with pytest.raises(InvalidValueError, match=r"day: .*must be a date without a time"):
        add_working_days(start, 1, calendar=MON_TO_FRI)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "calendar",
    [
        pytest.param(WeekCalendar.of("Mon-Fri", closed=["2026-12-25"]), id="week"),
        pytest.param(AllOf(calendars=(Host(answer=True),)), id="all of some"),
        pytest.param(HolidayCalendar(country="DE"), id="holidays"),
    ],
)
def test_a_time_on_a_closed_day_is_not_taken_for_an_open_day(calendar: Calendar) -> None:
    """A datetime is a date to Python and to type checkers, but equals none."""
    with pytest.raises(InvalidValueError, match=r"day: .*must be a date without a time"):
        calendar.is_working(datetime(2026, 12, 25, 10, tzinfo=UTC))


def test_a_count_is_not_negative_and_a_calendar_is_one() -> None:
    with pytest.raises(InvalidValueError) as caught:
        add_working_days(date(2026, 1, 5), -1, calendar=None)  # type: ignore[arg-type]

    assert [problem.field for problem in caught.value.problems] == ["count", "calendar"]


def test_where_time_ends_there_is_an_error() -> None:
    with pytest.raises(InvalidValueError, match="years 1 and 9999"):
        add_working_days(date.max, 1, calendar=EVERY_DAY)
    with pytest.raises(InvalidValueError, match="years 1 and 9999"):
        subtract_working_days(date.min, 1, calendar=EVERY_DAY)


@given(day=days, count=st.integers(0, 9), calendar=calendars())
def test_law_adding_gives_the_day_with_that_many_working_days_before_it(
    day: date, count: int, calendar: Calendar
) -> None:
    end = add_working_days(day, count, calendar=calendar)

    between = [day + timedelta(days=step) for step in range((end - day).days)]
    assert calendar.is_working(end)
    assert sum(map(calendar.is_working, between)) == count


@given(day=days, apart=st.integers(-30, 30), count=st.integers(0, 9), calendar=calendars())
def test_law_what_is_subtracted_is_the_latest_start(
    day: date, apart: int, count: int, calendar: Calendar
) -> None:
    """Adding ends by a day just if it begins by what subtracting gives: a Galois connection."""
    until = day + timedelta(days=apart)
    in_time = add_working_days(day, count, calendar=calendar) <= until

    assert in_time == (day <= subtract_working_days(until, count, calendar=calendar))


@given(day=days, one=calendars(), other=calendars())
def test_law_what_works_with_all_works_with_each(day: date, one: Calendar, other: Calendar) -> None:
    both = AllOf(calendars=(one, other))

    assert both.is_working(day) == (one.is_working(day) and other.is_working(day))
    assert AllOf(calendars=(other, one)).is_working(day) == both.is_working(day)


@pytest.mark.parametrize(
    ("country", "subdivision", "holiday", "name"),
    [
        pytest.param("DE", "BY", "2026-01-06", "Epiphany, in Bavaria", id="Bavaria"),
        pytest.param("US", None, "2026-11-26", "Thanksgiving", id="USA"),
        pytest.param("JP", None, "2026-04-29", "Showa Day", id="Japan"),
        pytest.param("GB", "SCT", "2026-11-30", "St Andrew's Day, in Scotland", id="Scotland"),
    ],
)
def test_public_holidays_are_not_worked(
    country: str, subdivision: str | None, holiday: str, name: str
) -> None:
    calendar = HolidayCalendar(country=country, subdivision=subdivision)

    assert MON_TO_FRI.is_working(day(holiday)), "the day would be worked"
    assert not calendar.is_working(day(holiday)), name
    assert calendar.is_working(day(holiday) + timedelta(days=1))


def test_a_holiday_that_is_observed_in_the_year_before_is_not_worked() -> None:
    """New Year's Day of 2028 is a Saturday, so Americans have the Friday off."""
    assert not HolidayCalendar(country="US").is_working(date(2027, 12, 31))


@pytest.mark.parametrize("country", ["DE", "US"])
@pytest.mark.parametrize("year", [1, 1800, 9999])
def test_for_years_without_known_holidays_the_week_is_worked(country: str, year: int) -> None:
    calendar = HolidayCalendar(country=country, week=EVERY_DAY)

    assert calendar.is_working(date(year, 12, 31))


def test_holidays_of_one_place_are_worked_in_another() -> None:
    assert HolidayCalendar(country="DE", subdivision="BE").is_working(date(2026, 1, 6))
    assert HolidayCalendar(country="DE").is_working(date(2026, 1, 6))


def test_a_holiday_calendar_takes_the_week_it_is_given() -> None:
    gulf = HolidayCalendar(country="AE", week=WeekCalendar.of("Sun-Thu"))

    assert [gulf.is_working(date(2026, 1, each)) for each in (1, 2, 3, 4)] == [
        *(False, False, False, True)
    ]


@pytest.mark.parametrize(
    ("country", "subdivision", "field"),
    [("XX", None, "country"), ("XX", "BY", "country"), ("DE", "XX", "subdivision")],
)
def test_a_place_without_known_holidays_is_refused(
    country: str, subdivision: str | None, field: str
) -> None:
    with pytest.raises(InvalidValueError, match=f"^{field}: .*holidays are known"):
        HolidayCalendar(country=country, subdivision=subdivision)


@pytest.mark.parametrize("country", ["de", "MON", "NYSE", "utils", None])
def test_a_country_is_two_letters(country: str) -> None:
    with pytest.raises(InvalidValueError, match="must be two capital letters"):
        HolidayCalendar(country=country)


def test_all_that_is_wrong_with_a_holiday_calendar_is_named_at_once() -> None:
    with pytest.raises(InvalidValueError) as caught:
        HolidayCalendar(country="", subdivision="", week=None)  # type: ignore[arg-type]

    assert [problem.field for problem in caught.value.problems] == [
        "country",
        "subdivision",
        "week",
    ]


def test_a_calendar_is_shown_in_the_order_of_its_days() -> None:
    shop = WeekCalendar.of("Sat-Mon", closed=["2026-12-25", "2026-01-10"])

    assert (
        repr(shop) == "WeekCalendar(weekdays={0, 5, 6}, closed={2026-01-10, 2026-12-25}, opened={})"
    )


def test_calendars_are_values() -> None:
    for calendar in (
        MON_TO_FRI,
        AllOf(calendars=[MON_TO_FRI]),
        HolidayCalendar(country="DE", subdivision="BY"),
    ):
        assert pickle.loads(pickle.dumps(calendar)) == calendar
        assert attrs.evolve(calendar) == calendar
        assert len({calendar, attrs.evolve(calendar)}) == 1
