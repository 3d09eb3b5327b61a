"""Protections as the days go by, against one that asks for every single unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import Protection, Sku
from backorderkit.planning.restricting import Restriction
from backorderkit.policies import GroupAttribute, GroupValue, Own
from tests.planning.limited import limits, order, serve

TODAY = date(2026, 1, 5)
CHANNELS = ("web", "shop")
CUSTOMERS = ("A", "B")
LINES = [("A", "web"), ("A", "shop"), ("B", "web"), ("C", "web"), ("B", "web")]
ORDERS = [
    order(slot, 50, customer=customer, channel=channel)
    for slot, (customer, channel) in enumerate(LINES)
]


@attrs.define
class Ledger:
    """Counts who had what of which protection, and adds up nothing."""

    protections: Sequence[Protection]
    day: date = TODAY
    had: dict[tuple[int, int], int] = attrs.field(factory=dict)

    def is_own(self, place: int, slot: int) -> bool:
        customer, channel = LINES[slot]
        values = {"customer": customer, "channel": channel}
        return all(
            values[attribute] in allowed
            for attribute, allowed in self.protections[place].group.items()
        )

    def active(self, day: date) -> list[int]:
        return [
            place
            for place, each in enumerate(self.protections)
            if (each.from_day or date.min) <= day <= (each.until or date.max)
        ]

    def remains(self, place: int) -> int:
        had = sum(units for (which, _), units in self.had.items() if which == place)
        protection = self.protections[place]
        return max(0, protection.quantity - protection.used - had)

    def take(self, slot: int, units: int) -> None:
        for place, each in enumerate(self.protections):
            if self.is_own(place, slot) and self.day <= (each.until or date.max):
                had = self.had.get((place, slot), 0)
                self.had[place, slot] = max(0, had + units)

    def respected(self, slot: int, day: date) -> list[int]:
        active = self.active(day)
        own = [place for place in active if self.is_own(place, slot)]
        ranks = dict[str, int]()
        for place in own:
            each = self.protections[place]
            if each.own == "none" or self.remains(place):
                ranks[each.family] = min(ranks.get(each.family, 99), each.rank)
        return [
            place
            for place in active
            if place not in own
            and self.protections[place].rank <= ranks.get(self.protections[place].family, 99)
        ]

    def room(self, slot: int, there: int, day: date | None = None) -> int:
        """Take unit by unit, as long as what must be respected is left."""
        day = day or self.day
        copy = Ledger(self.protections, day, dict(self.had))
        taken = 0
        while taken < there:
            withheld = sum(map(copy.remains, copy.respected(slot, day)))
            if there - taken - 1 < withheld:
                break
            copy.take(slot, 1)
            taken += 1
        return taken


values = {"customer": CUSTOMERS, "channel": CHANNELS}
days = st.integers(-5, 20).map(lambda each: TODAY + timedelta(days=each))


@st.composite
def protections(draw: st.DrawFn) -> Protection:
    by = draw(st.sampled_from([["customer"], ["channel"], ["customer", "channel"]]))
    group = {each: draw(st.sets(st.sampled_from(values[each]), min_size=1)) for each in by}
    begin, end = draw(st.none() | days), draw(st.none() | days)
    if begin and end and end < begin:
        begin, end = end, begin
    return Protection(
        name=draw(st.sampled_from("pqr")),
        group=group,  # type: ignore[arg-type]  # the names are attributes
        quantity=draw(st.integers(0, 15)),
        rank=draw(st.integers(1, 3)),
        family=draw(st.sampled_from(["", "x"])),
        from_day=begin,
        until=end,
        used=draw(st.integers(0, 5)),
        own=draw(st.sampled_from(["none", "none", "restricted"])),
    )


def only(found: Sequence[Restriction]) -> Restriction | None:
    assert len(found) <= 1
    return found[0] if found else None


@given(
    protections=st.lists(protections(), min_size=1, max_size=5),
    kept=st.lists(st.integers(0, 4), min_size=len(LINES), max_size=len(LINES)),
    steps=st.lists(
        st.tuples(
            st.integers(0, 6),
            st.integers(0, len(LINES) - 1),
            st.integers(-5, 15),
            st.integers(0, 25),
        ),
        max_size=6,
    ),
)
def test_rooms_are_what_taking_unit_by_unit_gives(
    protections: list[Protection], kept: list[int], steps: list[tuple[int, int, int, int]]
) -> None:
    ledger = Ledger(protections)
    rooms = only(limits(ORDERS, TODAY, protections=protections, kept=kept))
    for slot, units in enumerate(kept):
        ledger.take(slot, units)
    for step, slot, units, there in steps:
        ledger.day += timedelta(days=step)
        room = ledger.room(slot, there)
        if rooms is None:
            assert room == there
            continue
        rooms.go_on(ledger.day.toordinal())
        assert rooms.room(slot, there) == room

        part = min(units, room)
        rooms.take(slot, part)
        ledger.take(slot, part)

        # Only where one begins or ends can anything change.
        opening = rooms.next_day()
        turns = {each.from_day for each in protections if each.from_day}
        turns |= {each.until + timedelta(days=1) for each in protections if each.until}
        now = ledger.room(slot, there)
        for day in turns:
            if ledger.day < day and (opening is None or day.toordinal() < opening):
                assert ledger.room(slot, there, day) <= now


@given(
    protections=st.lists(protections(), min_size=1, max_size=4),
    slot=st.integers(0, len(LINES) - 1),
    units=st.integers(1, 20),
)
def test_what_is_given_back_is_protected_again(
    protections: list[Protection], slot: int, units: int
) -> None:
    rooms = only(limits(ORDERS, TODAY, protections=protections))
    if rooms is None:
        return
    before = [rooms.room(each, 30) for each in range(len(LINES))]

    rooms.take(slot, units)
    rooms.take(slot, -units)

    assert [rooms.room(each, 30) for each in range(len(LINES))] == before


@given(
    protections=st.lists(protections(), min_size=1, max_size=4),
    there=st.integers(0, 40),
    slot=st.integers(0, len(LINES) - 1),
)
def test_a_unit_more_is_a_unit_more_room_or_none(
    protections: list[Protection], there: int, slot: int
) -> None:
    rooms = only(limits(ORDERS, TODAY, protections=protections))
    if rooms is None:
        return

    assert rooms.room(slot, there + 1) - rooms.room(slot, there) in {0, 1}


@given(quantity=st.integers(0, 30), there=st.integers(0, 30), want=st.integers(0, 30))
def test_the_group_finds_what_is_protected_whatever_others_took(
    quantity: int, there: int, want: int
) -> None:
    vip = Protection(name="vip", group={"customer": ["A"]}, quantity=quantity)
    orders = [order(0, max(1, want), customer="B"), order(1, 99, customer="A")]

    given_ = serve(orders, {TODAY: there}, TODAY, protections=[vip])

    got = sum(units for _, slot, units in given_ if slot == 1)
    assert got >= min(quantity, there)


def test_more_is_protected_than_is_there() -> None:
    vip = Protection(name="vip", group={"customer": ["A"]}, quantity=20)

    (rooms,) = limits(ORDERS, TODAY, protections=[vip])

    assert [rooms.room(slot, 12) for slot in (0, 2)] == [12, 0]


def test_ranks_count_within_a_family_only() -> None:
    """High ranks ignore low ones; equal ranks, higher ones and other families are respected."""
    ranked = [
        Protection(name="high", group={"customer": ["A"]}, quantity=1, rank=1, family="f"),
        Protection(name="low", group={"customer": ["B"]}, quantity=2, rank=2, family="f"),
        Protection(name="equal", group={"customer": ["D"]}, quantity=4, rank=2, family="f"),
        Protection(name="other", group={"customer": ["E"]}, quantity=8, rank=3, family="g"),
    ]
    orders = [order(slot, 99, customer=name) for slot, name in enumerate("ABDEX")]

    (rooms,) = limits(orders, TODAY, protections=ranked)

    assert [100 - rooms.room(slot, 100) for slot in range(5)] == [8, 13, 11, 7, 15]
    assert rooms.name_of(0) == "other"
    assert rooms.name_of(1) == "other, equal, high"
    assert rooms.name_of(4) == "other, equal, low, ..."
    assert rooms.kind == "protection"
    assert rooms.sets() == [[0], [1], [2], [3], [4]]


def test_a_protection_ends_with_its_last_day() -> None:
    first, last = TODAY + timedelta(days=2), TODAY + timedelta(days=4)
    vip = Protection(name="vip", group={"customer": ["A"]}, quantity=7, from_day=first, until=last)
    orders = [order(0, 99, customer="B"), order(1, 1, customer="A")]

    (rooms,) = limits(orders, TODAY, protections=[vip])
    seen = []
    for day in range(6):
        rooms.go_on(TODAY.toordinal() + day)
        seen.append(rooms.room(0, 10))

    assert seen == [10, 10, 3, 3, 3, 10]


def test_what_follows_on_the_same_group_frees_nothing_between() -> None:
    """So a chain of twelve months is no chain of twelve events."""
    months = [
        Protection(
            name=f"month {month}",
            group={"customer": ["A"]},
            quantity=20 if month < 6 else 5,
            from_day=date(2026, month, 1),
            until=date(2026, month + 1, 1) - timedelta(days=1),
        )
        for month in range(1, 10)
    ]
    orders = [order(0, 99, customer="B")]

    (rooms,) = limits(orders, TODAY, protections=months)

    assert rooms.next_day() == date(2026, 6, 1).toordinal()
    rooms.go_on(date(2026, 6, 1).toordinal())
    assert rooms.next_day() == date(2026, 10, 1).toordinal()


def test_what_nobody_needs_to_respect_makes_no_restriction() -> None:
    over = Protection(
        name="over", group={"customer": ["A"]}, quantity=7, until=TODAY - timedelta(days=1)
    )
    used = Protection(name="used", group={"customer": ["A"]}, quantity=7, used=7)
    own = Protection(name="own", group={"channel": ["web", "shop"]}, quantity=7)
    elsewhere = Protection(name="else", group={"customer": ["Z"]}, quantity=7, skus=[Sku("BOWL")])

    assert limits(ORDERS, TODAY, protections=[over, used, own, elsewhere]) == []


def test_a_sku_has_its_own_protections_beside_those_of_all() -> None:
    wide = Protection(name="wide", group={"customer": ["Z"]}, quantity=1)
    mugs = Protection(name="mugs", group={"customer": ["Z"]}, quantity=2, skus=[Sku("MUG")])

    (mug,) = limits(ORDERS, TODAY, protections=[wide, mugs])
    (bowl,) = limits(ORDERS, TODAY, protections=[wide, mugs], sku=Sku("BOWL"))

    assert (mug.room(0, 10), bowl.room(0, 10)) == (7, 9)


def test_a_protection_to_the_last_day_of_all_never_opens() -> None:
    vip = Protection(name="vip", group={"customer": ["Z"]}, quantity=1, until=date.max)

    (rooms,) = limits(ORDERS, TODAY, protections=[vip])

    assert rooms.next_day() is None


def test_a_line_of_two_groups_of_a_family_has_the_higher_rank() -> None:
    family = [
        Protection(name="high", group={"customer": ["A"]}, quantity=4, rank=1),
        Protection(name="low", group={"channel": ["web"]}, quantity=8, rank=2),
        Protection(name="else", group={"customer": ["Z"]}, quantity=5, rank=1),
    ]

    (rooms,) = limits(ORDERS, TODAY, protections=family)
    found = [rooms.room(slot, 20) for slot in (0, 1, 2)]
    rooms.take(0, 6)

    # A's line on the web leaves nothing but the other's five.
    assert found == [15, 15, 11]
    assert rooms.room(2, 14) == 9


def test_a_rank_that_begins_opens_as_well() -> None:
    """The group need not leave anything to lower ranks from then on."""
    begin = TODAY + timedelta(days=3)
    low = Protection(name="low", group={"customer": ["B"]}, quantity=9, rank=2)
    group: dict[GroupAttribute, frozenset[GroupValue]] = {"customer": frozenset({"A"})}
    kinds: list[tuple[Own, int, int]] = [("none", 0, 0), ("restricted", 2, 5)]
    for own, before, after in kinds:
        until = begin - timedelta(days=1)
        now = Protection(name="now", group=group, quantity=before, own="restricted", until=until)
        then = Protection(name="then", group=group, quantity=after, own=own, from_day=begin)

        (rooms,) = limits(ORDERS, TODAY, protections=[low, now, then])
        room = rooms.room(0, 8)

        assert rooms.next_day() == begin.toordinal()
        rooms.go_on(begin.toordinal())
        assert rooms.room(0, 8) > room
