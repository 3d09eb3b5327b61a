"""From supply to delivery and back: published cases, cut-offs, zones, and the laws."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit.errors import InvalidValueError
from backorderkit.model import Promise, ReceiptId
from backorderkit.promising import (
    EVERY_DAY,
    MON_TO_FRI,
    Calendar,
    Carrier,
    Dates,
    Destination,
    Route,
    Site,
    WeekCalendar,
    dates_for,
    delivery_dates,
    latest_start,
)
from tests.promising.calendars import days, routes

BERLIN = ZoneInfo("Europe/Berlin")
TOKYO = ZoneInfo("Asia/Tokyo")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
TICK = timedelta.resolution


def at(text: str, zone: tzinfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def a_route(
    *,
    zone: tzinfo = BERLIN,
    calendar: Calendar = MON_TO_FRI,
    receiving_days: int = 0,
    pick_days: int = 0,
    cut_off: time | None = None,
    receives_until: time | None = None,
    transit_days: int = 0,
    drives: Calendar = EVERY_DAY,
    takes_in: Calendar = EVERY_DAY,
    there: tzinfo = BERLIN,
) -> Route:
    return Route(
        site=Site(
            zone=zone,
            calendar=calendar,
            receiving_days=receiving_days,
            pick_days=pick_days,
            cut_off=cut_off,
            receives_until=receives_until,
        ),
        carrier=Carrier(transit_days=transit_days, calendar=drives),
        destination=Destination(zone=there, calendar=takes_in),
    )


def shown(dates: Dates) -> tuple[str, str, str]:
    return str(dates.ready), str(dates.ships), str(dates.delivers)


@pytest.mark.parametrize(
    ("transit_days", "delivers"),
    [pytest.param(2, "2025-01-30", id="at best"), pytest.param(3, "2025-01-31", id="at worst")],
)
def test_a_shop_with_a_cut_off_and_a_holiday_ships_and_delivers_as_published(
    transit_days: int, delivers: str
) -> None:
    """
    The example by which Shopify shops explain their dates (estefiane.com, "Shipping policies").

    Ordered on Wednesday the 22nd after noon; two days of processing, the 24th is a holiday;
    handed to the carrier on Tuesday the 28th, delivered on Thursday or Friday.
    """
    route = a_route(
        calendar=WeekCalendar.of("Mon-Fri", closed=["2025-01-24"]),
        pick_days=2,
        cut_off=time(12),
        transit_days=transit_days,
        drives=MON_TO_FRI,
    )

    dates = dates_for(at("2025-01-22T12:30"), route=route, on_hand=True)

    assert shown(dates) == ("2025-01-23", "2025-01-28", delivers)


def test_an_order_on_friday_after_the_cut_off_is_delivered_as_published() -> None:
    """
    The example of help.spicegems.com, "Calculations of Blackout Days, Cut Off Time ...".

    Friday 15:00 with a cut-off at 14:00 counts as Monday; two working days make Wednesday.
    """
    route = a_route(cut_off=time(14), transit_days=2, drives=MON_TO_FRI)

    dates = dates_for(at("2026-01-09T15:00"), route=route, on_hand=True)

    assert shown(dates) == ("2026-01-12", "2026-01-12", "2026-01-14")


def test_every_step_says_where_its_days_go() -> None:
    """Friday evening; everybody has another calendar, and Epiphany is one day in Bavaria."""
    route = a_route(
        calendar=WeekCalendar.of("Mon-Fri", closed=["2026-01-06"]),
        receiving_days=1,
        pick_days=1,
        receives_until=time(15),
        transit_days=2,
        drives=WeekCalendar.of("Mon-Sat"),
        takes_in=WeekCalendar.of("Tue Thu"),
    )

    dates = dates_for(at("2026-01-02T16:00"), route=route)

    rows = [
        (step.kind, step.begins.day, step.ends.day, step.days, [day.day for day in step.closed])
        for step in dates.steps
    ]
    assert rows == [
        ("start", 2, 5, 0, [3, 4]),
        ("receive", 5, 7, 1, [6]),
        ("pick", 7, 8, 1, []),
        ("hand over", 8, 8, 0, []),
        ("transit", 8, 10, 2, []),
        ("deliver", 10, 13, 0, [10, 11, 12]),
    ]
    assert [step.missed for step in dates.steps] == [time(15), *[None] * 5]
    assert shown(dates) == ("2026-01-07", "2026-01-08", "2026-01-13")


def test_what_is_on_hand_is_not_received() -> None:
    route = a_route(receiving_days=3, transit_days=1)
    monday = at("2026-01-05T09:00")

    assert shown(dates_for(monday, route=route, on_hand=True))[0] == "2026-01-05"
    assert shown(dates_for(monday, route=route))[0] == "2026-01-08"


def test_the_parcel_waits_for_a_day_on_which_site_and_carrier_work() -> None:
    route = a_route(drives=WeekCalendar.of("Tue Sat"), transit_days=1)

    dates = dates_for(at("2026-01-07T09:00"), route=route, on_hand=True)

    # The carrier comes on Saturday the 10th, too, but then nobody is at the site.
    assert shown(dates) == ("2026-01-07", "2026-01-13", "2026-01-17")


@pytest.mark.parametrize(
    ("moment", "ships"),
    [
        pytest.param("2026-01-05T13:59:59.999999", "2026-01-05", id="before"),
        pytest.param("2026-01-05T14:00:00", "2026-01-05", id="on the minute"),
        pytest.param("2026-01-05T14:00:00.000001", "2026-01-06", id="a microsecond later"),
        pytest.param("2026-01-04T20:00:00", "2026-01-05", id="late on a closed day"),
        pytest.param("2026-01-09T14:01:00", "2026-01-12", id="late on a Friday"),
    ],
)
def test_the_cut_off_is_early_enough_and_no_later_moment_is(moment: str, ships: str) -> None:
    route = a_route(cut_off=time(14))

    assert str(dates_for(at(moment), route=route, on_hand=True).ships) == ships
    assert str(dates_for(at(moment), route=route).ships) == ships


def test_a_day_that_is_closed_anyway_has_no_cut_off_to_miss() -> None:
    saturday_evening = at("2026-01-03T20:00")

    start = dates_for(saturday_evening, route=a_route(cut_off=time(14))).steps[0]

    assert start.missed is None
    assert start.closed == (date(2026, 1, 3), date(2026, 1, 4))


@pytest.mark.parametrize(
    ("day", "clock", "moment", "in_time"),
    [
        # Clocks go from 2:00 to 3:00, which is 1:00 in UTC.
        pytest.param("2026-03-29", "02:30", "2026-03-29T00:59:59", True, id="before a jump"),
        pytest.param("2026-03-29", "02:30", "2026-03-29T01:00:00", False, id="after a jump"),
        # They go from 3:00 back to 2:00, which is 1:00 in UTC.
        pytest.param("2026-10-25", "02:30", "2026-10-25T00:30:00", True, id="first 2:30"),
        pytest.param("2026-10-25", "02:30", "2026-10-25T00:45:00", True, id="first 2:45"),
        pytest.param("2026-10-25", "02:30", "2026-10-25T01:30:00", True, id="second 2:30"),
        pytest.param("2026-10-25", "02:30", "2026-10-25T01:30:01", False, id="just after it"),
        # The same time of day is another moment in UTC.
        pytest.param("2026-03-28", "14:00", "2026-03-28T13:00:00", True, id="winter"),
        pytest.param("2026-03-30", "14:00", "2026-03-30T12:00:01", False, id="summer"),
    ],
)
def test_the_cut_off_is_what_the_clock_on_the_wall_shows(
    day: str, clock: str, moment: str, *, in_time: bool
) -> None:
    route = a_route(calendar=EVERY_DAY, cut_off=time.fromisoformat(clock))

    ships = dates_for(at(moment, UTC), route=route, on_hand=True).ships

    assert (ships == date.fromisoformat(day)) == in_time
    if in_time:
        assert at(moment, UTC) <= latest_start(ships, route=route, on_hand=True)


@pytest.mark.parametrize(
    ("receiving_days", "cut_off", "receives_until", "ready"),
    [
        pytest.param(0, 14, None, "2026-01-06", id="picked on arrival, after the cut-off"),
        pytest.param(1, 14, None, "2026-01-06", id="the cut-off is for what could be picked"),
        pytest.param(1, None, 14, "2026-01-07", id="the dock has closed"),
        pytest.param(0, 16, 14, "2026-01-06", id="the earlier of both, dock"),
        pytest.param(0, 14, 16, "2026-01-06", id="the earlier of both, cut-off"),
        pytest.param(0, 16, 16, "2026-01-05", id="early enough for both"),
    ],
)
def test_goods_at_three_must_be_early_enough_for_what_is_done_with_them(
    receiving_days: int, cut_off: int | None, receives_until: int | None, ready: str
) -> None:
    route = a_route(
        receiving_days=receiving_days,
        cut_off=time(cut_off) if cut_off else None,
        receives_until=time(receives_until) if receives_until else None,
    )

    assert str(dates_for(at("2026-01-05T15:00"), route=route).ready) == ready


@pytest.mark.parametrize(
    ("zone", "ships"),
    [
        pytest.param(UTC, "2026-01-05", id="Monday in UTC"),
        pytest.param(TOKYO, "2026-01-06", id="Tuesday in Tokyo"),
        pytest.param(LOS_ANGELES, "2026-01-05", id="Monday in Los Angeles"),
    ],
)
def test_the_zone_of_the_site_decides_what_day_it_is(zone: tzinfo, ships: str) -> None:
    monday_evening = at("2026-01-05T20:00", UTC)

    assert str(dates_for(monday_evening, route=a_route(zone=zone)).ships) == ships


def test_midnight_in_utc_is_the_day_before_in_america() -> None:
    """A bare date is read as midnight UTC: on the west coast that is still Sunday."""
    route = a_route(zone=LOS_ANGELES, calendar=EVERY_DAY, there=LOS_ANGELES)

    assert str(dates_for(at("2026-01-05", UTC), route=route).ships) == "2026-01-04"
    assert str(dates_for(at("2026-01-05", LOS_ANGELES), route=route).ships) == "2026-01-05"


def test_the_zone_of_the_destination_decides_when_the_day_is_over() -> None:
    route = a_route(transit_days=3, there=TOKYO)

    dates = dates_for(at("2026-01-05T09:00"), route=route)

    assert dates.delivers_by == at("2026-01-08T23:59:59.999999", TOKYO)
    assert dates.ships_by == at("2026-01-05T23:59:59.999999", BERLIN)
    assert dates.delivers_by.tzinfo is dates.ships_by.tzinfo is UTC


def test_backwards_it_says_until_when_to_order() -> None:
    route = a_route(pick_days=1, cut_off=time(14), transit_days=2, drives=MON_TO_FRI)

    latest = latest_start(date(2026, 1, 12), route=route, on_hand=True)

    # Monday; Thursday and Friday on the road ... so packed on Thursday, ordered on Wednesday.
    assert latest == at("2026-01-07T14:00")
    assert latest.tzinfo is UTC


@given(day=days, clock=st.times(), route=routes(), on_hand=st.booleans(), apart=st.integers(0, 40))
def test_law_what_starts_by_the_latest_start_is_in_time_and_nothing_later_is(
    day: date, clock: time, route: Route, *, on_hand: bool, apart: int
) -> None:
    """Exact both ways: for any moment and any wished day, not only at the edge."""
    moment = datetime.combine(day, clock, tzinfo=UTC)
    wished = day + timedelta(days=apart)

    latest = latest_start(wished, route=route, on_hand=on_hand)

    assert dates_for(latest, route=route, on_hand=on_hand).delivers <= wished
    assert dates_for(latest + TICK, route=route, on_hand=on_hand).delivers > wished
    in_time = dates_for(moment, route=route, on_hand=on_hand).delivers <= wished
    assert in_time == (moment <= latest)


@given(
    day=days,
    clock=st.times(),
    later=st.timedeltas(timedelta(), timedelta(days=4)),
    route=routes(),
    on_hand=st.booleans(),
)
def test_law_later_supply_is_never_delivered_earlier(
    day: date, clock: time, later: timedelta, route: Route, *, on_hand: bool
) -> None:
    moment = datetime.combine(day, clock, tzinfo=UTC)

    first = dates_for(moment, route=route, on_hand=on_hand)
    second = dates_for(moment + later, route=route, on_hand=on_hand)

    assert first.ready <= second.ready
    assert first.ships <= second.ships
    assert first.delivers <= second.delivers


@given(day=days, clock=st.times(), route=routes(), on_hand=st.booleans())
def test_law_the_steps_are_the_whole_way(
    day: date, clock: time, route: Route, *, on_hand: bool
) -> None:
    """Each begins where the one before ends, and every day between has its reason."""
    dates = dates_for(datetime.combine(day, clock, tzinfo=UTC), route=route, on_hand=on_hand)

    for before, after in itertools.pairwise(dates.steps):
        assert before.ends == after.begins
    for step in dates.steps:
        missed = step.missed is not None
        assert (step.ends - step.begins).days == step.days + len(step.closed) + missed
        assert all(step.begins <= each < step.ends for each in step.closed)
    kinds = [step.kind for step in dates.steps]
    assert ("receive" in kinds) != on_hand
    work = {step.kind: step.days for step in dates.steps}
    assert work["transit"] == route.carrier.transit_days
    assert work.get("receive", 0) == (0 if on_hand else route.site.receiving_days)
    assert dates.ready <= dates.ships <= dates.delivers == dates.steps[-1].ends


@given(day=days, clock=st.times(), route=routes())
def test_law_work_is_done_on_working_days(day: date, clock: time, route: Route) -> None:
    dates = dates_for(datetime.combine(day, clock, tzinfo=UTC), route=route)

    assert route.site.calendar.is_working(dates.ready)
    assert route.site.calendar.is_working(dates.ships)
    assert route.carrier.calendar.is_working(dates.ships)
    assert route.carrier.calendar.is_working(dates.delivers)
    assert route.destination.calendar.is_working(dates.delivers)


def promise(receipt: str | None, due: datetime, quantity: int = 1) -> Promise:
    id_ = None if receipt is None else ReceiptId(receipt)
    return Promise(receipt=id_, due=due, quantity=quantity)


def test_the_promises_of_a_line_become_deliveries_in_order() -> None:
    route = a_route(receiving_days=1, transit_days=1, drives=MON_TO_FRI)
    promises = [
        promise("PO-9", at("2026-01-12T09:00"), 4),
        promise("PO-8", at("2026-01-02T09:00"), 3),
        promise("PO-7", at("2026-01-03T09:00"), 2),
    ]

    found = delivery_dates(iter(promises), route=route)

    assert [(each.receipt, each.quantity, str(each.dates.delivers)) for each in found] == [
        ("PO-8", 3, "2026-01-06"),
        ("PO-7", 2, "2026-01-07"),
        ("PO-9", 4, "2026-01-14"),
    ]
    assert found == delivery_dates(promises[::-1], route=route)
    assert delivery_dates((), route=route) == ()


def test_receipts_at_several_sites_take_their_own_routes() -> None:
    near, far = a_route(transit_days=1), a_route(transit_days=9)
    promises = [promise("PO-1", at("2026-01-05T09:00")), promise("PO-2", at("2026-01-06T09:00"))]

    found = delivery_dates(promises, route={ReceiptId("PO-1"): far, ReceiptId("PO-2"): near})

    assert [(each.receipt, each.dates.delivers.day) for each in found] == [
        ("PO-2", 7),
        ("PO-1", 14),
    ]
    with pytest.raises(InvalidValueError, match="receipt: got 'PO-2', must have a route"):
        delivery_dates(promises, route={ReceiptId("PO-1"): far})


def test_what_is_promised_of_stock_need_not_be_received() -> None:
    route = a_route(receiving_days=2, transit_days=1)
    due = at("2026-01-05T09:00")
    promises = [promise("PO-1", due, 3), promise(None, due, 2)]

    found = delivery_dates(promises, route=route)

    assert [(each.receipt, each.quantity, each.dates.delivers.day) for each in found] == [
        (None, 2, 6),
        ("PO-1", 3, 8),
    ]
    assert found[0].dates == dates_for(due, route=route, on_hand=True)
    far = a_route(transit_days=9)
    by_site = delivery_dates(promises, route={ReceiptId("PO-1"): route, None: far})
    assert [each.receipt for each in by_site] == ["PO-1", None]
    with pytest.raises(InvalidValueError, match="receipt: got nothing, must have a route"):
        delivery_dates(promises, route={ReceiptId("PO-1"): route})


def test_who_shares_no_day_is_named() -> None:
    weekend = WeekCalendar.of("Sat-Sun")

    with pytest.raises(InvalidValueError, match=r"in the 400 days from 2026-01-05.*\(hand over\)"):
        dates_for(at("2026-01-05"), route=a_route(drives=weekend))
    with pytest.raises(InvalidValueError, match=r"in the 400 days until .*\(deliver\)"):
        latest_start(date(2026, 1, 5), route=a_route(drives=weekend, takes_in=MON_TO_FRI))


@pytest.mark.parametrize("due", [datetime(2026, 1, 5), date(2026, 1, 5), "2026-01-05"])  # noqa: DTZ001
def test_only_an_instant_is_a_due_date(due: datetime) -> None:
    with pytest.raises(InvalidValueError, match=r"^due: "):
        dates_for(due, route=a_route())


@pytest.mark.parametrize("wished", [datetime(2026, 1, 5, tzinfo=UTC), "2026-01-05"])
def test_only_a_date_is_a_delivery_date(wished: date) -> None:
    with pytest.raises(InvalidValueError, match=r"^delivers: .*must be a date without a time"):
        latest_start(wished, route=a_route())


def test_only_a_route_is_a_route_and_only_a_promise_a_promise() -> None:
    due = at("2026-01-05")
    with pytest.raises(InvalidValueError, match="must be a Route"):
        dates_for(due, route=None)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="must be a Route"):
        latest_start(date(2026, 1, 5), route=None)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="must be a promise"):
        delivery_dates([due], route=a_route())  # type: ignore[list-item]


def test_units_are_on_hand_or_not() -> None:
    """A text that says no is true to Python."""
    with pytest.raises(InvalidValueError, match="on_hand: got 'no', must be true or false"):
        dates_for(at("2026-01-05"), route=a_route(), on_hand="no")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError) as caught:
        latest_start("Friday", route=None, on_hand=1)  # type: ignore[arg-type]

    assert [each.field for each in caught.value.problems] == ["delivers", "route", "on_hand"]


class WithoutSummer(tzinfo):
    """A zone that knows its offset, and not whether it is summer."""

    def utcoffset(self, dt: datetime | None, /) -> timedelta:
        return timedelta(hours=1)


def test_a_zone_that_can_show_no_time_is_refused() -> None:
    zone = WithoutSummer()  # type: ignore[abstract]

    for make in (Site, Destination):
        with pytest.raises(InvalidValueError, match=r"zone: .*must be a time zone"):
            make(zone=zone)


def test_all_that_is_wrong_with_a_site_is_named_at_once() -> None:
    with pytest.raises(InvalidValueError) as caught:
        Site(
            zone=tzinfo(),  # type: ignore[abstract]
            calendar="Mon-Fri",  # type: ignore[arg-type]
            receiving_days=-1,
            pick_days=True,
            cut_off=time(14, tzinfo=UTC),
            receives_until=14,  # type: ignore[arg-type]
        )

    assert [problem.field for problem in caught.value.problems] == [
        *("zone", "calendar", "receiving_days", "pick_days", "cut_off", "receives_until")
    ]


def test_all_that_is_wrong_with_the_others_is_named_at_once() -> None:
    with pytest.raises(InvalidValueError) as carrier:
        Carrier(transit_days=-1, calendar=None)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError) as destination:
        Destination(zone="Europe/Berlin", calendar=None)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError) as route:
        Route(site=None, carrier=None, destination=None)  # type: ignore[arg-type]

    assert [len(caught.value.problems) for caught in (carrier, destination, route)] == [2, 2, 3]
