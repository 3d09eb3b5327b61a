"""From the day on which supply arrives to the day on which the customer has it, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Literal, cast

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_flag,
    check_time,
    raise_first,
    refuse,
)
from backorderkit.model.backorders import Promise, check_promises, promise_place
from backorderkit.model.ids import ReceiptId
from backorderkit.promising.calendars import ONE_DAY, Calendar, check_day, works
from backorderkit.promising.local_time import END_OF_DAY, last_moment, local_day
from backorderkit.promising.routes import Route, Site
from backorderkit.promising.working_days import walk

Routes = Mapping[ReceiptId, Route] | Mapping[ReceiptId | None, Route]
"""The way that the units of each receipt take; None stands for what is on hand."""

StepKind = Literal["start", "receive", "pick", "hand over", "transit", "deliver"]
"""What happens between supply and delivery, in this order."""


@attrs.frozen(kw_only=True)
class DateStep:
    """
    One step on the way, and where its days go.

    From *begins* to *ends* there are as many days as the work takes, the closed ones, and
    one more if a cut-off was missed.

    Attributes:
        kind: What happens.
        begins: On which day it could begin.
        ends: On which day it is over; the next step begins there.
        days: How many working days it takes.
        closed: Days on the way on which one of those who are needed does not work.
        missed: The time of day after which the day did not count; ``None`` if nothing
            came too late.
    """

    kind: StepKind
    begins: date
    ends: date
    days: int = 0
    closed: tuple[date, ...] = ()
    missed: time | None = None


@attrs.frozen(kw_only=True)
class Dates:
    """
    When units can be picked, when they leave and when the customer has them.

    Attributes:
        ready: Day of the site on which picking begins.
        ships: Day of the site on which the carrier takes them.
        delivers: Day of the destination on which they are delivered.
        ships_by: Last moment of that day at the site.
        delivers_by: Last moment of that day at the destination: a delivery until then
            keeps the date.
        steps: How it comes about, step by step.
    """

    ready: date
    ships: date
    delivers: date
    ships_by: datetime
    delivers_by: datetime
    steps: tuple[DateStep, ...]


@attrs.frozen(kw_only=True)
class Delivery:
    """
    A promise with the dates that a customer can use.

    Attributes:
        quantity: How much, in smallest units.
        receipt: Which receipt brings it; None for units that are on hand.
        dates: When it is there.
    """

    quantity: int
    receipt: ReceiptId | None
    dates: Dates


def dates_for(due: datetime, *, route: Route, on_hand: bool = False) -> Dates:
    """
    Tell when units that are at the site at some moment are with the customer.

    Never earlier for a later moment, as long as the calendars stay the same.

    Args:
        due: When the goods arrive; for units on hand, when they are ordered.
        route: Which way they take.
        on_hand: Whether the units are there already, so that nothing must be received.

    Returns:
        The dates, and every step.  It takes a question or two to the calendars for each
        day in between.

    Raises:
        InvalidValueError: if *due* is no time or naive, *on_hand* no yes or no, or a
            calendar never works or breaks its contract otherwise.

    >>> from backorderkit.promising import Carrier, Destination
    >>> route = Route(
    ...     site=Site(zone=UTC, receiving_days=1, cut_off=time(14)),
    ...     carrier=Carrier(transit_days=2),
    ...     destination=Destination(zone=UTC),
    ... )
    >>> friday = datetime(2026, 1, 2, 15, tzinfo=UTC)
    >>> dates = dates_for(friday, route=route)
    >>> str(dates.ready), str(dates.ships), str(dates.delivers)
    ('2026-01-05', '2026-01-05', '2026-01-07')
    """
    problems: Problems = []
    check_time(problems, "due", due)
    _check_way(problems, route, on_hand)
    raise_first(problems)
    site, carrier = route.site, route.carrier
    start = _start(due.astimezone(UTC), site, _deadline(site, on_hand=on_hand))
    steps = [start]
    if not on_hand:
        steps.append(_step("receive", start.ends, site.receiving_days, site.calendar))
    ready = steps[-1].ends
    pick = _step("pick", ready, site.pick_days, site.calendar)
    hand_over = _step("hand over", pick.ends, 0, route.pick_up)
    transit = _step("transit", hand_over.ends, carrier.transit_days, carrier.calendar)
    deliver = _step("deliver", transit.ends, 0, route.handing_over)
    return Dates(
        ready=ready,
        ships=hand_over.ends,
        delivers=deliver.ends,
        ships_by=last_moment(hand_over.ends, END_OF_DAY, site.zone),
        delivers_by=last_moment(deliver.ends, END_OF_DAY, route.destination.zone),
        steps=(*steps, pick, hand_over, transit, deliver),
    )


def latest_start(delivers: date, *, route: Route, on_hand: bool = False) -> datetime:
    """
    Tell until when goods must be at the site, or an order be placed, for a delivery date.

    It is exact: what starts at this moment is delivered on *delivers* or before, and what
    starts a microsecond later is not.

    Args:
        delivers: Day of the destination on which they must be delivered.
        route: Which way they take.
        on_hand: Whether the units are there already: then this is until when to order.

    Returns:
        The moment, in UTC.  It may lie in the past.

    Raises:
        InvalidValueError: if *delivers* is no date, *on_hand* no yes or no, or a calendar
            never works or breaks its contract otherwise.

    >>> from backorderkit.promising import Carrier, Destination
    >>> route = Route(
    ...     site=Site(zone=UTC, cut_off=time(14)),
    ...     carrier=Carrier(transit_days=2),
    ...     destination=Destination(zone=UTC),
    ... )
    >>> str(latest_start(date(2026, 1, 6), route=route, on_hand=True))
    '2026-01-02 14:00:00+00:00'
    """
    problems: Problems = []
    check_day(problems, "delivers", delivers)
    _check_way(problems, route, on_hand)
    raise_first(problems)
    site, carrier = route.site, route.carrier
    # Each of the steps backwards is the latest day from which the step forwards ends in time.
    arrives = _latest("deliver", delivers, 0, route.handing_over)
    ships = _latest("transit", arrives, carrier.transit_days, carrier.calendar)
    packed = _latest("hand over", ships, 0, route.pick_up)
    start = _latest("pick", packed, site.pick_days, site.calendar)
    if not on_hand:
        start = _latest("receive", start, site.receiving_days, site.calendar)
    return last_moment(start, _deadline(site, on_hand=on_hand) or END_OF_DAY, site.zone)


def delivery_dates(promises: Iterable[Promise], *, route: Route | Routes) -> tuple[Delivery, ...]:
    """
    Turn the promises of a line into delivery dates.

    Args:
        promises: What receipts, or units on hand, will fill, as a plan's line has it.
            Units on hand need not be received.
        route: Which way all of them take; or for each receipt which way, if receipts
            arrive at several sites.  There None stands for what is on hand.

    Returns:
        One delivery for each promise, by (delivery date, due date, receipt, quantity),
        stock before any receipt.
        The last one's date is when all of it is there.

    Raises:
        InvalidValueError: if a promise is none, a receipt has no route, or a calendar
            never works or breaks its contract otherwise.
    """
    given = as_tuple("promises", promises)
    problems: Problems = []
    check_promises(problems, given)
    raise_first(problems)
    found = [
        (
            promise,
            dates_for(
                promise.due, route=_route_of(promise, route), on_hand=promise.receipt is None
            ),
        )
        for promise in given
    ]
    found.sort(key=lambda each: (each[1].delivers, *promise_place(each[0]), each[0].quantity))
    return tuple(
        Delivery(quantity=promise.quantity, receipt=promise.receipt, dates=dates)
        for promise, dates in found
    )


def _deadline(site: Site, *, on_hand: bool) -> time | None:
    if on_hand:
        return site.cut_off
    if site.receiving_days:
        return site.receives_until
    # Goods that can be picked on the day they come must be early enough for both.
    limits = [limit for limit in (site.cut_off, site.receives_until) if limit is not None]
    return min(limits, default=None)


def _start(moment: datetime, site: Site, deadline: time | None) -> DateStep:
    day = local_day(moment, site.zone)
    late = (
        deadline is not None
        and works(site.calendar, day)
        and moment > last_moment(day, deadline, site.zone)
    )
    if not late:
        return _step("start", day, 0, site.calendar)
    ends, closed = walk(day + ONE_DAY, 0, site.calendar, context="start")
    return DateStep(kind="start", begins=day, ends=ends, closed=closed, missed=deadline)


def _step(kind: StepKind, begins: date, days: int, calendar: Calendar) -> DateStep:
    ends, closed = walk(begins, days, calendar, context=kind)
    return DateStep(kind=kind, begins=begins, ends=ends, days=days, closed=closed)


def _latest(kind: StepKind, ends: date, days: int, calendar: Calendar) -> date:
    return walk(ends, days, calendar, backwards=True, context=kind)[0]


def _route_of(promise: Promise, route: Route | Routes) -> Route:
    if isinstance(route, Mapping):
        try:
            return cast("Mapping[ReceiptId | None, Route]", route)[promise.receipt]
        except KeyError:
            reason = "must have a route"
            raise InvalidValueError(field="receipt", value=promise.receipt, reason=reason) from None
    return route


def _check_way(problems: Problems, route: object, on_hand: object) -> None:
    if not isinstance(route, Route):
        refuse(problems, "route", route, "must be a Route")
    check_flag(problems, "on_hand", on_hand)
