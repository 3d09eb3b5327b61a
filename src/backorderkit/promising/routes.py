"""The way of units from a site to a customer, and who works when on it."""

from __future__ import annotations

from datetime import time, tzinfo

import attrs

from backorderkit.model._checks import Problems, check_whole, raise_first, refuse
from backorderkit.promising.calendars import (
    EVERY_DAY,
    MON_TO_FRI,
    AllOf,
    Calendar,
    check_calendar,
)
from backorderkit.promising.local_time import check_clock, check_zone


@attrs.frozen(kw_only=True)
class Site:
    """
    Where units arrive, are picked and leave: a warehouse, a shop.

    Attributes:
        zone: Whose clock hangs on the wall; it decides what day it is.
        calendar: When people work there.
        receiving_days: Working days from the arrival of goods until they can be picked;
            0 if they can on the same day.
        pick_days: Working days from the start of picking until the parcel is packed;
            0 if it is on the same day.
        cut_off: What comes after this time of day, an order or goods that could be
            picked at once, counts as come on the next working day.  The time itself is
            early enough.
        receives_until: Goods that come after this time of day count as come on the next
            working day.
    """

    zone: tzinfo
    calendar: Calendar = MON_TO_FRI
    receiving_days: int = 0
    pick_days: int = 0
    cut_off: time | None = None
    receives_until: time | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_zone(problems, "zone", self.zone)
        check_calendar(problems, "calendar", self.calendar)
        check_whole(problems, "receiving_days", self.receiving_days, least=0)
        check_whole(problems, "pick_days", self.pick_days, least=0)
        check_clock(problems, "cut_off", self.cut_off)
        check_clock(problems, "receives_until", self.receives_until)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Carrier:
    """
    Who brings units from one place to another, and how long it takes.

    Attributes:
        transit_days: Working days of the carrier from pick-up to arrival.
        calendar: On which days parcels are picked up, travel and are delivered.
    """

    transit_days: int
    calendar: Calendar = MON_TO_FRI

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_whole(problems, "transit_days", self.transit_days, least=0)
        check_calendar(problems, "calendar", self.calendar)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Destination:
    """
    Where the customer wants to have it.

    Attributes:
        zone: Whose clock says when a day is over there.
        calendar: On which days somebody takes parcels in.
    """

    zone: tzinfo
    calendar: Calendar = EVERY_DAY

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_zone(problems, "zone", self.zone)
        check_calendar(problems, "calendar", self.calendar)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Route:
    """
    The way of units from a site to a customer.

    Attributes:
        site: Where they start.
        carrier: Who brings them.
        destination: Where they go.
    """

    site: Site
    carrier: Carrier
    destination: Destination

    def __attrs_post_init__(self) -> None:
        """Refuse parts that are something else."""
        problems: Problems = []
        for field, value, kind in (
            ("site", self.site, Site),
            ("carrier", self.carrier, Carrier),
            ("destination", self.destination, Destination),
        ):
            if not isinstance(value, kind):
                refuse(problems, field, value, f"must be a {kind.__name__}")
        raise_first(problems)

    @property
    def pick_up(self) -> Calendar:
        """Days on which the site works and the carrier comes."""
        return AllOf(calendars=(self.site.calendar, self.carrier.calendar))

    @property
    def handing_over(self) -> Calendar:
        """Days on which the carrier drives and the customer is there."""
        return AllOf(calendars=(self.carrier.calendar, self.destination.calendar))
