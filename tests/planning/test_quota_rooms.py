"""Quotas as the days go by, against one that books every period anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import Order, Quota, Sku
from backorderkit.planning.restricting import Restriction
from backorderkit.policies import Period, Room, Values
from tests.planning.limited import limits, order, serve

MONDAY = date(2026, 1, 5)
CHANNELS = ("web", "shop", "fair")
PERIODS: tuple[Period | None, ...] = ("day", "week", "month", None)


def start(period: Period | None, day: date) -> date:
    """Give the first day of the period of a day."""
    match period:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case None:
            return date(1, 1, 1)


def later(period: Period, day: date) -> date:
    day = start(period, day)
    size = {"day": 1, "week": 7, "month": 31}[period]
    return start(period, day + timedelta(days=size))


def earlier(period: Period, day: date) -> date:
    return start(period, start(period, day) - timedelta(days=1))


@attrs.define
class Ledger:
    """
    Books all that was ever given, period by period, for one group.

    It starts from nothing with each question.
    """

    quota: Quota
    room: Room
    taken: list[tuple[date, int, int]] = attrs.field(factory=list)
    used: dict[date, int] = attrs.field(factory=dict)

    def full(self, begin: date) -> int:
        return self.room if isinstance(self.room, int) else self.room.get(begin, 0)

    def window(self, begin: date) -> list[date]:
        """Give the periods whose room may be used in one, the oldest first."""
        begins = [begin]
        for _ in range(self.quota.back):
            assert self.quota.period
            begins.append(earlier(self.quota.period, begins[-1]))
        return begins[::-1]

    def left(self, day: date) -> int:
        """Give the room in the period of a day, below 0 where too much was given in it."""
        now = start(self.quota.period, day)
        gone = dict[date, int]()
        for begin, _, room in self.taken:
            gone[begin] = gone.get(begin, 0) + room
        for begin, room in self.used.items():
            gone[begin] = gone.get(begin, 0) + room
        booked = dict[date, int]()
        for begin in sorted(gone):
            if begin < now:
                units = gone[begin]
                for each in self.window(begin):
                    part = min(units, self.full(each) - booked.get(each, 0))
                    booked[each] = booked.get(each, 0) + part
                    units -= part
        free = sum(self.full(each) - booked.get(each, 0) for each in self.window(now))
        return free - gone.get(now, 0)

    def take(self, day: date, slot: int, units: int) -> None:
        begin = start(self.quota.period, day)
        room = units * self.quota.factor
        if units < 0:
            own = sum(each for when, who, each in self.taken if (when, who) == (begin, slot))
            room = -min(own, -room)
        self.taken.append((begin, slot, room))


@st.composite
def quotas(draw: st.DrawFn, *, ahead: int | None = None) -> Quota:
    period = draw(st.sampled_from(PERIODS))
    units = st.integers(0, 12)
    near = st.integers(-70, 120).map(lambda days: start(period, MONDAY + timedelta(days=days)))
    rooms: st.SearchStrategy[Room] = units
    if period is not None:
        rooms |= st.dictionaries(near, units, max_size=6)
    values: list[Values] = [("web",), ("shop",), ("*",)]
    keys = st.sampled_from(values)
    made = draw(st.dictionaries(keys, rooms, min_size=1))
    used = dict[tuple[Values, date | None], int]()
    for key in made:
        begins: st.SearchStrategy[date | None] = near if period else st.none()
        for begin, had in draw(st.dictionaries(begins, units, max_size=3)).items():
            used[key, begin] = had
    return Quota(
        name="channels",
        by=["channel"],
        rooms=made,
        period=period,
        back=draw(st.integers(0, 3)) if period else 0,
        ahead=draw(st.integers(0, 5)) if ahead is None else ahead,
        factor=draw(st.integers(1, 3)),
        used=used,
    )


def ledgers_of(quota: Quota) -> dict[Values, Ledger]:
    ledgers = {key: Ledger(quota, room) for key, room in quota.rooms.items()}
    for (key, begin), units in quota.used.items():
        ledgers[key].used[begin or date(1, 1, 1)] = units * quota.factor
    return ledgers


def last_day(quota: Quota) -> date:
    """Give the last day that is planned into."""
    if quota.period is None:
        return date.max
    begin = start(quota.period, MONDAY)
    for _ in range(quota.ahead + 1):
        begin = later(quota.period, begin)
    return begin - timedelta(days=1)


def growth(quota: Quota, ledgers: Mapping[Values, Ledger], day: date) -> date | None:
    """Look at every later period for more room than now, one after the other."""
    if quota.period is None:
        return None
    now = {key: max(0, ledger.left(day)) for key, ledger in ledgers.items()}
    begin = later(quota.period, day)
    while begin <= last_day(quota):
        if any(ledgers[key].left(begin) > room for key, room in now.items()):
            return begin
        begin = later(quota.period, begin)
    return None


SLOTS = ("web", "shop", "fair", "web")
ORDERS = [order(slot, 50, channel=channel) for slot, channel in enumerate(SLOTS)]


def only(found: Sequence[Restriction]) -> Restriction | None:
    assert len(found) <= 1
    return found[0] if found else None


@given(
    quota=quotas(),
    kept=st.lists(st.integers(0, 4), min_size=4, max_size=4),
    steps=st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(-5, 15)), max_size=12
    ),
)
def test_rooms_are_what_booking_every_period_anew_gives(
    quota: Quota, kept: list[int], steps: list[tuple[int, int, int]]
) -> None:
    rooms = only(limits(ORDERS, MONDAY, quotas=[quota], kept=kept))
    ledgers = ledgers_of(quota)
    entries = [quota.entry_of((channel,)) for channel in SLOTS]
    if rooms is None:
        assert set(entries) == {None}
        return
    concerned = {key: ledgers[key] for key in entries if key is not None}
    for slot, units in enumerate(kept):
        key = entries[slot]
        if key is not None:
            ledgers[key].take(MONDAY, slot, units)

    day = MONDAY
    for days, slot, units in steps:
        day += timedelta(days=days)
        rooms.go_on(day.toordinal())
        key = entries[slot]
        if key is None:
            assert rooms.room(slot, 99) == 99
            continue
        left = ledgers[key].left(day) if day <= last_day(quota) else 0
        room = max(0, left // quota.factor)
        assert rooms.room(slot, 99) == min(99, room)
        part = min(units, room)
        rooms.take(slot, part)
        ledgers[key].take(day, slot, part)
        grows = growth(quota, concerned, day) if day <= last_day(quota) else None
        assert rooms.next_day() == (grows.toordinal() if grows else None)


@given(quota=quotas(), first=st.integers(0, 9), more=st.integers(1, 9))
def test_what_is_given_back_on_the_day_makes_room_again(
    quota: Quota, first: int, more: int
) -> None:
    rooms = only(limits(ORDERS, MONDAY, quotas=[quota]))
    if rooms is None:
        return
    rooms.take(0, first)
    before = [rooms.room(slot, 99) for slot in range(4)], rooms.next_day()

    rooms.take(3, more)
    rooms.take(3, -more)

    assert ([rooms.room(slot, 99) for slot in range(4)], rooms.next_day()) == before


@given(
    quota=quotas(ahead=9),
    wants=st.lists(st.integers(1, 40), min_size=4, max_size=4),
    supply=st.dictionaries(st.integers(0, 60), st.integers(1, 40), max_size=4),
)
def test_no_stretch_of_periods_sees_more_than_its_rooms(
    quota: Quota, wants: list[int], supply: dict[int, int]
) -> None:
    quota = attrs.evolve(quota, used={})
    orders = [
        order(slot, want, channel=channel)
        for slot, (want, channel) in enumerate(zip(wants, SLOTS, strict=True))
    ]
    coming = {MONDAY + timedelta(days=days): units for days, units in supply.items()}

    given_ = serve(orders, coming, MONDAY, quotas=[quota])

    for key, ledger in ledgers_of(quota).items():
        units = dict[date, int]()
        for day, slot, part in given_:
            if quota.entry_of((SLOTS[slot],)) == key:
                begin = start(quota.period, day)
                units[begin] = units.get(begin, 0) + part * quota.factor
        begins = sorted(units)
        for low, first in enumerate(begins):
            for high in range(low, len(begins)):
                stretch = {*ledger.window(first), *ledger.window(begins[high])}
                day = first
                while quota.period and day < begins[high]:
                    stretch.add(day)
                    day = later(quota.period, day)
                room = sum(map(ledger.full, stretch))
                assert sum(units[each] for each in begins[low : high + 1]) <= room


@given(back=st.integers(0, 4), days=st.lists(st.integers(0, 20), max_size=6))
def test_an_even_room_never_shrinks_while_nobody_takes(back: int, days: list[int]) -> None:
    quota = Quota(
        name="q",
        by=["channel"],
        rooms={("*",): 3},
        period="day",
        back=back,
        ahead=366,
        used={(("*",), MONDAY): 2},
    )
    rooms = only(limits(ORDERS, MONDAY, quotas=[quota]))
    assert rooms is not None

    seen = []
    day = MONDAY
    for step in days:
        day += timedelta(days=step)
        rooms.go_on(day.toordinal())
        seen.append(rooms.room(0, 99))

    assert seen == sorted(seen)


def test_lines_under_a_wildcard_share_one_room() -> None:
    quota = Quota(
        name="channels", by=["channel"], rooms={("web",): 10, ("*",): 4}, period="week", ahead=0
    )

    rooms = only(limits(ORDERS, MONDAY, quotas=[quota]))
    assert rooms is not None
    rooms.take(1, 3)

    assert [rooms.room(slot, 99) for slot in range(4)] == [10, 1, 1, 10]
    assert rooms.sets() == [[0, 3], [1, 2]]
    assert [rooms.name_of(slot) for slot in (0, 1)] == ["channels (web)", "channels (*)"]
    assert rooms.kind == "quota"


def test_the_first_place_counts_most() -> None:
    quota = Quota(
        name="q",
        by=["customer", "channel"],
        rooms={("*", "web"): 1, ("A", "*"): 2, ("B", "web"): 3},
        period=None,
    )

    lines = [("A", "web"), ("B", "web"), ("C", "web"), ("B", "shop")]

    assert [quota.entry_of(line) for line in lines] == [
        ("A", "*"),
        ("B", "web"),
        ("*", "web"),
        None,
    ]


def test_a_quota_that_concerns_no_line_makes_no_restriction() -> None:
    elsewhere = Quota(name="q", by=["channel"], rooms={("*",): 1}, period=None, skus=[Sku("BOWL")])
    others = Quota(name="q", by=["channel"], rooms={("phone",): 1}, period=None)

    assert limits(ORDERS, MONDAY, quotas=[elsewhere, others]) == []


def test_a_line_without_the_attribute_has_an_empty_text() -> None:
    quota = Quota(
        name="q", by=["location", "currency"], rooms={("", ""): 1, ("WEST", "*"): 7}, period=None
    )
    orders = [order(0, 9), order(1, 9, location="WEST"), order(2, 9, location="EAST")]

    (rooms,) = limits(orders, MONDAY, quotas=[quota])

    assert [rooms.room(slot, 99) for slot in range(3)] == [1, 7, 99]


def test_quotas_by_priority_and_sku() -> None:
    quota = Quota(
        name="q", by=["priority", "sku"], rooms={(1, "MUG"): 1, ("*", "BOWL"): 2}, period=None
    )
    orders = [order(0, 9, priority=1), order(1, 9)]

    (rooms,) = limits(orders, MONDAY, quotas=[quota])

    assert [rooms.room(slot, 99) for slot in range(2)] == [1, 99]


def test_nothing_is_planned_behind_the_last_period() -> None:
    quota = Quota(name="q", by=["channel"], rooms={("*",): 3}, period="day", ahead=2)

    given_ = serve(
        [order(0, 99)], {MONDAY: 99, MONDAY + timedelta(days=9): 1}, MONDAY, quotas=[quota]
    )

    assert given_ == [(MONDAY + timedelta(days=day), 0, 3) for day in range(3)]


def test_the_last_days_that_dates_know_are_the_end() -> None:
    last = date.max
    quota = Quota(name="q", by=["channel"], rooms={("*",): 3}, period="month")

    (rooms,) = limits([order(0, 99)], last, quotas=[quota])
    rooms.take(0, 3)

    assert rooms.next_day() is None


def test_looking_for_room_does_not_walk_through_empty_years() -> None:
    """It is a matter of effort: this would not end if every day were looked at."""
    far = {date(9000, 1, 1): 5}
    quota = Quota(name="q", by=["channel"], rooms={("*",): far}, period="day", back=366)

    (rooms,) = limits([order(0, 99)], MONDAY, quotas=[quota])
    rooms.go_on(date(9001, 1, 1).toordinal())

    assert rooms.room(0, 99) == 0
    assert rooms.next_day() is None


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_a_period_begins_at_its_first_day_in_utc(period: Period) -> None:
    quota = Quota(name="q", by=["channel"], rooms={("*",): 1}, period=period)
    (rooms,) = limits([order(0, 9)], MONDAY, quotas=[quota])
    rooms.take(0, 1)

    assert rooms.next_day() == later(period, MONDAY).toordinal()


def orders_of(*channels: str) -> list[Order]:
    return [order(slot, 9, channel=channel) for slot, channel in enumerate(channels)]


def test_a_quota_limits_each_sku_by_itself() -> None:
    quota = Quota(name="q", by=["channel"], rooms={("*",): 5}, period=None)

    (mugs,) = limits(orders_of("web"), MONDAY, quotas=[quota])
    mugs.take(0, 5)
    (bowls,) = limits(orders_of("web"), MONDAY, quotas=[quota], sku=Sku("BOWL"))

    assert (mugs.room(0, 9), bowls.room(0, 9)) == (0, 5)


def test_the_group_whose_room_grows_first_opens() -> None:
    days = [{MONDAY + timedelta(days=2): 1}, {MONDAY + timedelta(days=5): 1}]
    for soon, late in (days, days[::-1]):
        quota = Quota(
            name="q", by=["channel"], rooms={("web",): soon, ("shop",): late}, period="day"
        )

        (rooms,) = limits(orders_of("web", "shop"), MONDAY, quotas=[quota])

        assert rooms.next_day() == MONDAY.toordinal() + 2


def test_what_an_earlier_period_gave_makes_no_room_when_it_comes_back() -> None:
    quota = Quota(name="q", by=["channel"], rooms={("*",): 5}, period="day")
    (rooms,) = limits(orders_of("web", "web"), MONDAY, quotas=[quota])
    rooms.take(0, 5)

    rooms.go_on(MONDAY.toordinal() + 1)
    rooms.take(1, 3)
    rooms.take(0, -5)

    assert rooms.room(1, 99) == 2
