"""The checks of what rules leave to lines: quotas, protections, buffers, the horizon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

from backorderkit.checking.cases import Case, Found
from backorderkit.checking.entries import named
from backorderkit.checking.protecting import Protecting
from backorderkit.checking.rules import AgreedQuota, GroupValue, start_of
from backorderkit.checking.timelines import Moment, Ruled, Unmet, given_by_day
from backorderkit.model.ids import Sku
from backorderkit.model.snapshot import LineKey


def not_there(ruled: Ruled) -> Iterator[Found]:
    """Find what a plan gives of units that are not there, or not at the place of a line."""
    case = ruled.case
    for sku, moments in ruled.moments.items():
        for unmet in ruled.place(moments)[1]:
            when = start_of(unmet.moment.day).date()
            text = f"{case.shown(sku, unmet.units)} are promised for {when}, and are not there"
            yield Found(about=named(unmet.key), text=text)


def quotas(case: Case) -> Iterator[Found]:
    """
    No group gets more in a period than its quota has room for.

    What lines keep counts as had today; what was had before counts in its period.
    """
    if case.rules is None:
        return
    ruled = Ruled(case=case, rules=case.rules)
    for quota in case.rules.quotas:
        for sku in ruled.moments:
            for entry, keys in _groups(case, quota, sku).items():
                yield from _beyond(ruled, quota, entry, keys)


def _groups(
    case: Case, quota: AgreedQuota, sku: Sku
) -> dict[tuple[GroupValue, ...], list[LineKey]]:
    groups = dict[tuple[GroupValue, ...], list[LineKey]]()
    for key in case.keys_of[sku]:
        entry = quota.entry_for(*case.open[key])
        if entry is not None:
            groups.setdefault(entry, []).append(key)
    return groups


def _beyond(
    ruled: Ruled,
    quota: AgreedQuota,
    entry: tuple[GroupValue, ...],
    keys: Sequence[LineKey],
) -> Iterator[Found]:
    given = Counter[int]()
    for day, _, units in given_by_day(ruled, keys):
        given[quota.number_of(day)] += units * quota.factor
    booked = booked_before(ruled, quota, entry, keys)
    last = quota.number_of(ruled.case.today) + (quota.ahead if quota.period else 0)
    for number in sorted(given):
        free = max(0, quota.free_in(entry, number, booked) - booked.get(number, 0))
        if number > last:
            free = 0
        if given[number] > free:
            days = sorted(
                day for day, _, _ in given_by_day(ruled, keys) if quota.number_of(day) == number
            )
            sku, since = ruled.case.open[keys[0]][1].sku, start_of(days[0]).date()
            who = f"SKU {sku}, quota {quota.name} ({', '.join(map(str, entry))})"
            text = f"uses {given[number]} of its period from {since} on, which has room for {free}"
            yield Found(about=who, text=text)
        booked[number] = booked.get(number, 0) + given[number]


def booked_before(
    ruled: Ruled,
    quota: AgreedQuota,
    entry: tuple[GroupValue, ...],
    keys: Sequence[LineKey],
) -> dict[int, int]:
    """Give the room that is used before a plan gives anything, by period."""
    booked = quota.used_by(entry)
    kept = sum(sum(ruled.keeps(key).values()) for key in keys)
    if kept:
        today = quota.number_of(ruled.case.today)
        booked[today] = booked.get(today, 0) + kept * quota.factor
    return booked


def protections(case: Case) -> Iterator[Found]:
    """
    Whoever gets units leaves what is protected for others.

    Units of one moment are given in some order; it holds if there is one in which each
    line, when its turn comes, leaves what it must.
    """
    if case.rules is None or not case.rules.protections:
        return
    ruled = Ruled(case=case, rules=case.rules)
    for sku, moments in ruled.moments.items():
        state = Protecting.of(ruled, sku)
        for moment in moments:
            state.arrive(moment.day, moment.came.total())
            for key, units in state.give(moment.given).items():
                said = case.shown(sku, units), case.shown(sku, state.must_leave(state.owns[key]))
                text = f"gets {said[0]} of the {moment.about}, and must leave {said[1]} to others"
                yield Found(about=named(key), text=text)


def buffers(case: Case) -> Iterator[Found]:
    """Nobody gets what buffers withhold, of what lies there or of what comes."""
    if case.rules is None or not case.rules.buffers:
        return
    ruled = Ruled(case=case, rules=attrs.evolve(case.rules, buffers=()))
    there = {(each.key, each.moment.about) for each in _all_unmet(ruled)}
    with_buffers = Ruled(case=case, rules=case.rules)
    for sku, moments in with_buffers.moments.items():
        yield from _of_stock(with_buffers, sku, moments[0])
        for unmet in with_buffers.place(moments)[1]:
            if (unmet.key, unmet.moment.about) not in there:
                said = case.shown(sku, unmet.units)
                text = f"{said} of the {unmet.moment.about} are withheld by a buffer"
                yield Found(about=named(unmet.key), text=text)


def _all_unmet(ruled: Ruled) -> Iterator[Unmet]:
    for moments in ruled.moments.values():
        yield from ruled.place(moments)[1]


def _of_stock(ruled: Ruled, sku: Sku, stock: Moment) -> Iterator[Found]:
    case = ruled.case
    if case.rules is None:
        return
    given = Counter[str]()
    for key in stock.given:
        kept = ruled.keeps(key)
        for location, units in case.lines[key].by_location.items():
            given[location] += max(0, units - kept.get(location, 0))
    for (of, location), pool in case.pools.items():
        if of == sku and given[location] > stock.came[location]:
            withheld = case.rules.withheld(sku, location, pool.on_hand, "on-hand")
            if withheld:
                said = case.shown(sku, given[location]), case.shown(sku, withheld)
                text = f"{said[0]} are given, and a buffer withholds {said[1]}"
                yield Found(about=f"SKU {sku}, location {location}", text=text)


def horizon(case: Case) -> Iterator[Found]:
    """
    No line gets units before the day from which it may take.

    But for what a contract owes it by then.
    """
    if case.rules is None:
        return
    ruled = Ruled(case=case, rules=case.rules)
    for sku, keys in case.keys_of.items():
        if sku in case.stays:
            continue
        for key in keys:
            opens = ruled.opens(key)
            early = [
                day for day, _, _ in given_by_day(ruled, [key]) if opens is None or day < opens
            ]
            for day in sorted(set(early)):
                owed = _owed_early(ruled, key, day)
                got = ruled.has_by(key, day)
                if got > owed:
                    since = "by hand alone" if opens is None else f"from {start_of(opens).date()}"
                    text = f"has {case.shown(sku, got)} on {start_of(day).date()}, may take {since}"
                    yield Found(about=named(key), text=text)


def _owed_early(ruled: Ruled, key: LineKey, day: int) -> int:
    """Say what a line may have by a day whatever the horizon."""
    floor = ruled.floor(key)
    if floor == "full-or-raise" and day >= ruled.full_day(key):
        return ruled.case.open[key][1].outstanding
    if floor in {"keep-or-raise", "keep-if-possible"}:
        return ruled.owed_by(key, day)
    return sum(ruled.keeps(key).values())
