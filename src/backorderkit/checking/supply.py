"""The checks of what a plan gives away: from where, how much, when, to whom first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from backorderkit.checking.cases import Case, Event, Found, Pool
from backorderkit.checking.entries import named
from backorderkit.checking.idle_by_rules import idle_by_rules
from backorderkit.checking.limits import not_there
from backorderkit.checking.rules import day_of, start_of
from backorderkit.checking.timelines import plain
from backorderkit.checking.unsplit import idle_for_unsplit, split_lines
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LineKey
from backorderkit.model.times import write_time

UNSPLIT: Final = "lines unsplit"
"""By which words the name of a policy says that no line gets units of several locations."""

HOLDING_BACK: Final = frozenset({"policy"})
"""The kinds of blockers by which a plan says that a rule holds units back."""

Turn = tuple[int, datetime, int, str, str]

SERVED_IN_ORDER: Final[dict[str, Callable[[Order, OrderLine], Turn]]] = {
    "fifo": lambda order, line: (0, *_age(order, line)),
    "priority": lambda order, line: (order.priority, *_age(order, line)),
}
"""The policies whose order of service is known here: the lowest goes first."""


def _age(order: Order, line: OrderLine) -> tuple[datetime, int, str, str]:
    return line.placed_at or order.placed_at, order.sequence, order.id, line.id


def places(case: Case) -> Iterator[Found]:
    """
    A line that is bound to a location gets units, now and later, from there alone.

    So does one where the plan says that no line is split: from where it has most, or else
    from where it gets some first.  By rules, a receipt may be the occasion on which a line
    gets what lies at its location: C11 looks for these units.
    """
    for key, line in case.lines.items():
        bound = case.open[key][1].location
        coming = [
            case.coming[each.receipt]
            for each in line.promises
            if each.receipt is not None and each.receipt in case.coming and not case.is_ruled
        ]
        for location in (*case.granted.get(key, ()), *(receipt.location for receipt in coming)):
            if bound not in (None, location):
                text = f"is bound to {bound} and gets units from {location}"
                yield Found(about=named(key), text=text)
    if _names_unsplit(case):
        yield from split_lines(case)


def stock(case: Case) -> Iterator[Found]:
    """No pool gives away more than it has beyond allocations, holds and safety stock."""
    given = Counter[Pool]()
    for key, units in case.granted.items():
        for location, quantity in units.items():
            given[case.open[key][1].sku, location] += quantity
    for pool, quantity in given.items():
        available = case.available(pool)
        if quantity > available:
            sku, location = pool
            said = case.shown(sku, quantity), case.shown(sku, available)
            text = f"{said[0]} are given, {said[1]} are there beyond holds and safety stock"
            yield Found(about=f"SKU {sku}, location {location}", text=text)


def receipts(case: Case) -> Iterator[Found]:
    """
    No receipt is promised that is not expected, for another SKU, or beyond what it brings.

    Nor is stock promised for a later day beyond what nobody takes until then.  By rules,
    ship rules among them, all that is left may be promised on any later occasion: a receipt
    that completes a line is promised for all that it gets then.
    """
    for id_, promised in case.promised.items():
        receipt = case.coming.get(id_)
        for key in promised:
            sku = case.open[key][1].sku
            if sku in case.stays:
                continue
            if receipt is None or receipt.sku != sku:
                text = f"is promised, and no such receipt brings SKU {sku}"
                yield Found(about=f"receipt {id_}, {named(key)}", text=text)
        if case.is_ruled:
            continue
        if receipt is not None and promised.total() > case.brought[id_]:
            sku, brings = receipt.sku, case.brought[id_]
            said = case.shown(sku, promised.total()), case.shown(sku, brings)
            text = f"{said[0]} are promised, {said[1]} come beyond holds and safety stock"
            yield Found(about=f"receipt {id_}", text=text)
    if case.is_ruled:
        yield from not_there(plain(case))
        return
    for sku, found in case.stock_promises.items():
        for each in found.missing:
            said = case.shown(sku, each.quantity), write_time(each.due)
            text = f"{said[0]} are promised from stock on {said[1]}, and are not left until then"
            yield Found(about=named(each.key), text=text)


def _names_unsplit(case: Case) -> bool:
    """Tell whether the plan says, by the name of its policy, that it splits no line."""
    return UNSPLIT in case.plan.policy


def dates(case: Case) -> Iterator[Found]:
    """
    A promise is for the time its receipt is due, or for the moment if that is later.

    What is on hand is promised for a later time alone; now it is allocated.  By rules, what
    comes may be promised for the beginning of a later day; and where lines ship together,
    for when a receipt of another SKU is due.
    """
    for key, line in case.lines.items():
        if case.open[key][1].sku in case.stays:
            continue
        for each in line.promises:
            if each.receipt is None:
                if each.due <= case.snapshot.as_of and not _is_occasion(case, each.due):
                    text = f"is told {write_time(each.due)} from stock, which is no later time"
                    yield Found(about=named(key), text=text)
                continue
            receipt = case.coming.get(each.receipt)
            due = each.due if receipt is None else max(receipt.due, case.snapshot.as_of)
            may_be = case.is_ruled and _is_later_day(each.due, due)
            if each.due != due and not may_be and not _is_occasion(case, each.due):
                told = write_time(each.due), write_time(due)
                text = f"is told {told[0]}, and receipt {each.receipt} is for {told[1]}"
                yield Found(about=named(key), text=text)


def _is_occasion(case: Case, told: datetime) -> bool:
    """Tell whether something comes at a time, for which lines may have waited together."""
    return case.is_tied and told in case.occasions


def _is_later_day(told: datetime, due: datetime) -> bool:
    """Tell whether one time is the beginning of a day after that of another."""
    return told == start_of(day_of(told)) and day_of(told) > day_of(due)


def idle(case: Case) -> Iterator[Found]:
    """
    Nobody waits for a unit that lies idle, or that placing the event's units otherwise frees.

    By Hall's theorem an event can serve a set of lines exactly if what lines bound to
    a location get fits what is there, for each location, and all together fit the whole.
    So one unit more fits exactly if there is one left in the sum, and for a bound line
    one that no other bound line has at its location.  Where the plan says that no line
    is split, units stay where they were placed, and a line takes them at one location.

    By rules, units stay and belong to the next event, as long as a blocker of the line says
    why.  Where the rules are known, they must say that the line may not have them.
    """
    if case.is_ruled:
        yield from idle_by_rules(case)
        return
    could_get = idle_for_unsplit if _names_unsplit(case) else _idle_for_split
    for event, key, units in could_get(case):
        yield _idle(case, event, key, case.shown(case.open[key][1].sku, units))


def _idle_for_split(case: Case) -> Iterator[tuple[Event, LineKey, int]]:
    for sku, events in case.events.items():
        waits = {key: case.waiting[key] for key in case.keys_of[sku]}
        for event in events:
            for key in waits:
                waits[key] -= event.given[key] + event.kept[key]
            taken = event.given + event.kept
            left = sum(event.supply.values()) - taken.total()
            if left <= 0:
                continue
            own = Counter(event.supply)
            for key, units in taken.items():
                bound = case.open[key][1].location
                if bound is not None:
                    own[bound] -= units
            for key, wants in waits.items():
                bound = case.open[key][1].location
                could = min(wants, left if bound is None else min(left, own[bound]))
                if could > 0 and key in case.lines:
                    yield event, key, could


def _idle(case: Case, event: Event, key: LineKey, could: str) -> Found:
    blockers = case.lines[key].blockers
    excused = case.plan.policy not in SERVED_IN_ORDER and any(
        each.kind in HOLDING_BACK and each.quantity for each in blockers
    )
    text = f"waits, and could get {could} more of the {event.about}"
    return Found(about=named(key), text=text, excused=excused)


def service(case: Case) -> Iterator[Found]:
    """Under fifo and priority each line in turn gets all that it wants and that is left for it."""
    turn = SERVED_IN_ORDER.get(case.plan.policy)
    if turn is None:
        return
    for sku, events in case.events.items():
        queue = sorted(case.keys_of[sku], key=lambda key: turn(*case.open[key]))
        wants = {key: case.waiting[key] for key in queue}
        for event in events:
            due = _in_turn(case, event, queue, wants)
            for key in queue:
                wants[key] -= due[key]
                if key in case.lines and event.given[key] != due[key]:
                    said = case.shown(sku, event.given[key]), case.shown(sku, due[key])
                    text = f"gets {said[0]} of the {event.about}, in its turn it gets {said[1]}"
                    yield Found(about=named(key), text=text)


def _in_turn(
    case: Case, event: Event, queue: list[LineKey], wants: dict[LineKey, int]
) -> Counter[LineKey]:
    """Hand an event out, line by line, so that what was handed out can still be placed."""
    due = Counter[LineKey]()
    left = sum(event.supply.values())
    own = Counter(event.supply)
    for key in queue:
        bound = case.open[key][1].location
        due[key] = min(wants[key], left if bound is None else min(left, own[bound]))
        left -= due[key]
        if bound is not None:
            own[bound] -= due[key]
    return due
