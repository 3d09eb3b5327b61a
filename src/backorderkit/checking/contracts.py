"""The checks of contracts: what lines keep, what they may gain, what is broken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from backorderkit.checking.cases import Case, Found
from backorderkit.checking.documents import PlannedBreak
from backorderkit.checking.entries import named
from backorderkit.checking.rules import day_of, start_of
from backorderkit.checking.timelines import Ruled
from backorderkit.model.backorders import Promise
from backorderkit.model.snapshot import LineKey

_HARD: Final = frozenset({"keep-or-raise", "full-or-raise"})


def contracts(case: Case) -> Iterator[Found]:
    """
    By each day a line has what its contract owes it, and no more than that allows.

    Nothing is taken back from a line that has no contract, or one that does not let
    others have it.  SKUs with a broken contract are as they were.
    """
    if case.rules is None:
        return
    ruled = Ruled(case=case, rules=case.rules)
    for key in case.lines:
        if case.open[key][1].sku in case.stays:
            continue
        floor = ruled.floor(key)
        if key in case.released and (key not in ruled.contracts or floor in _HARD):
            yield Found(
                about=named(key), text="units are taken back, and by its contract it keeps them"
            )
        if key in ruled.contracts:
            yield from _by_days(ruled, key)


def _by_days(ruled: Ruled, key: LineKey) -> Iterator[Found]:
    case, floor = ruled.case, ruled.floor(key)
    sku = case.open[key][1].sku
    days = {case.today, *(day_of(each.due) for each in case.lines[key].promises)}
    days |= {max(case.today, day_of(each.due)) for each in case.told.get(key, ())}
    if floor == "full-or-raise":
        days.add(ruled.full_day(key))
    for day in sorted(days):
        has, when = ruled.has_by(key, day), start_of(day).date()
        owed = 0
        if floor == "keep-or-raise":
            owed = ruled.owed_by(key, day)
        elif floor == "full-or-raise" and day >= ruled.full_day(key):
            owed = case.open[key][1].outstanding
        if has < owed:
            text = f"has {case.shown(sku, has)} by {when}, it is owed {case.shown(sku, owed)}"
            yield Found(about=named(key), text=text)
        cap = cap_on(ruled, key, day)
        if cap is not None and has > cap:
            text = f"has {case.shown(sku, has)} by {when}, it may have {case.shown(sku, cap)}"
            yield Found(about=named(key), text=text)


def cap_on(ruled: Ruled, key: LineKey, day: int) -> int | None:
    """Give the most that a line may have by a day; None if nothing limits it."""
    contract = ruled.contracts.get(key)
    if contract is None or contract.cap == "none":
        return None
    return 0 if contract.cap == "nothing" else ruled.owed_by(key, day)


def broken(case: Case) -> Iterator[Found]:
    """
    A broken contract is one that a line has, it is owed what is said, and would get less.

    Nothing changes of its SKU: its lines hold and are promised what they were before.
    """
    for each in case.plan.broken:
        if not case.is_ruled:
            yield Found(about=named(each.key), text="a contract is broken, and there are no rules")
        elif each.key not in case.open or case.open[each.key][1].sku != each.sku:
            text = f"a contract is broken, and it wants no {each.sku}"
            yield Found(about=named(each.key), text=text)
        else:
            yield from _owed(case, each)
    touched = {(change.order, change.line) for change in case.plan.changes}
    for key, line in case.lines.items():
        if case.open[key][1].sku not in case.stays:
            continue
        before = case.held.get(key, {})
        told = _trimmed(case.told.get(key, ()), line.backordered)
        if key in touched or line.by_location != before or line.promises != told:
            text = "changes, and its SKU has a broken contract and stays as it was"
            yield Found(about=named(key), text=text)


def _owed(case: Case, said: PlannedBreak) -> Iterator[Found]:
    """Look at the numbers of a broken contract."""
    shown = case.shown(said.sku, said.owed), case.shown(said.sku, said.got)
    if said.got >= said.owed:
        text = f"a contract is broken that owes {shown[0]}, and it would get {shown[1]}"
        yield Found(about=named(said.key), text=text)
    if case.rules is None:
        return
    ruled = Ruled(case=case, rules=case.rules)
    segment = ruled.segments.get(said.key)
    name = segment.name if segment else ""
    if ruled.floor(said.key) != said.floor or name != said.segment:
        text = f"is in segment {name or '-'}, whose contract is {ruled.floor(said.key)}"
        yield Found(about=named(said.key), text=text)
        return
    day, held = day_of(said.by), sum(case.held.get(said.key, {}).values())
    owed = ruled.owed_by(said.key, day) - held
    if said.floor == "full-or-raise":
        is_due = day >= ruled.full_day(said.key)
        owed = case.open[said.key][1].outstanding - held if is_due else 0
    if owed != said.owed:
        when = start_of(day).date()
        text = f"it is owed {case.shown(said.sku, owed)} by {when}, and not {shown[0]}"
        yield Found(about=named(said.key), text=text)


def _trimmed(promises: tuple[Promise, ...], waiting: int) -> tuple[Promise, ...]:
    """Give what was told of what a line waits for, the earliest first."""
    kept: list[Promise] = []
    for each in promises:
        units = min(each.quantity, waiting)
        if units:
            kept.append(Promise(quantity=units, due=each.due, receipt=each.receipt))
            waiting -= units
    return tuple(kept)
