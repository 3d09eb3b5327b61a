"""The ledger agrees with the shop, whatever happens in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import get_args

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    Answer,
    Fact,
    Fifo,
    InvalidInputError,
    Notice,
    Snapshot,
    answer,
    notices,
    plan,
)
from backorderkit.policies import AllocationPolicy
from backorderkit.promising import (
    FigureDate,
    FigureWeight,
    LedgerLine,
    PromiseChange,
    PromiseLedger,
    ResponseRules,
    TrackedUnits,
    in_english,
    ledger_of,
    message_for,
    promise_figures,
)
from backorderkit.testing import commands_for, snapshots
from tests.laws.policies import POLICIES

STEPS = st.integers(1, 8)
WAITS = st.sampled_from([timedelta(), timedelta(hours=7), timedelta(days=2)])
SLOW = ResponseRules(
    tell_from=timedelta(days=3),
    tell_earlier_from=None,
    ask_from=timedelta(days=3),
    cancel_from=timedelta(days=4),
    without_date="nothing",
)
RULES = st.sampled_from([ResponseRules(), SLOW])


@attrs.frozen
class Commit:
    """What a store would have written."""

    key: str
    as_of: datetime
    facts: tuple[Fact, ...]


def walk(
    start: Snapshot, policy: AllocationPolicy, steps: int, data: st.DataObject
) -> Iterator[tuple[Snapshot, Answer[Snapshot]]]:
    """Do something again and again: what was true before each command, and what came of it."""
    before = start
    for _ in range(steps):
        before = before.at(before.as_of + data.draw(WAITS))
        command = data.draw(commands_for(before))
        try:
            found = answer(before, command, policy=policy)
        except InvalidInputError:
            continue
        yield before, found
        before = found.outcome


def dates(units: Iterable[TrackedUnits]) -> Counter[date]:
    counted = Counter[date]()
    for each in units:
        if each.due is not None:
            counted[each.due.date()] += each.quantity
    return counted


def firsts(line: LedgerLine) -> Counter[datetime]:
    counted = Counter[datetime]()
    for each in (*line.waiting, *(settled.units for settled in line.settled)):
        if each.first is not None:
            counted[each.first] += each.quantity
    return counted


def check_step(before: LedgerLine | None, now: LedgerLine) -> None:
    """See that what was said since explains what is said now."""
    was = before or LedgerLine(order=now.order, line=now.line, sku=now.sku)
    assert now.changes[: len(was.changes)] == was.changes
    expected = dates(was.waiting)
    expected.subtract(dates(each.units for each in now.settled[len(was.settled) :]))
    for change in now.changes[len(was.changes) :]:
        if change.due_before is not None:
            expected[change.due_before.date()] -= change.quantity
        if change.due is not None:
            expected[change.due.date()] += change.quantity
    assert +expected == dates(now.waiting)
    assert min(expected.values(), default=0) >= 0
    # Nobody forgets what was said first.
    assert firsts(was) <= firsts(now)


def check_state(ledger: PromiseLedger, shop: Snapshot) -> None:
    """See that the ledger has exactly what waits, and what is promised of it."""
    known = {(line.order, line.line): line for line in ledger.lines}
    remembered = {(each.order, each.line): each for each in shop.backorders}
    assert {key for key, line in known.items() if line.waiting} == remembered.keys()
    for key, each in remembered.items():
        line = known[key]
        assert line.quantity == each.quantity
        assert line.promises == each.promises
        shown = [unit.due for unit in line.waiting for _ in range(unit.quantity)]
        promised = [promise.due for promise in each.promises for _ in range(promise.quantity)]
        assert shown == [*promised, *[None] * each.unpromised]
        assert 0 <= line.told <= line.quantity
    records = dict(ledger.skus)
    for sku, record in records.items():
        assert record.promised == sum(line.promised for line in ledger.lines if line.sku == sku)
        assert record.moved <= record.exposed


def check_told(ledger: PromiseLedger) -> None:
    """See that no customer knows less of a date than the rules allow."""
    rules = ledger.rules
    for line in ledger.lines:
        for each in line.waiting:
            assert (each.answer_by is not None) == (each.asked == "cancel")
            if each.due is None or each.told is None:
                assert each.due is each.told or rules.without_date == "nothing"
                continue
            slip = each.due.date() - each.told.date()
            assert slip < max(rules.tell_from, timedelta(days=1))
            if rules.tell_earlier_from is not None:
                assert -slip < max(rules.tell_earlier_from, timedelta(days=1))


def before_last(history: list[Commit], start: Snapshot) -> datetime:
    return history[-1].as_of if history else start.as_of


def check_figures(ledger: PromiseLedger, as_of: datetime) -> None:
    """See that shares are shares, and that the strictest weight keeps least."""
    for days in (0, 3):
        for weight in get_args(FigureWeight):
            for against in get_args(FigureDate):
                made = promise_figures(
                    ledger, as_of=as_of + timedelta(days=days), weight=weight, against=against
                )
                assert 0 <= made.kept <= made.due
                assert made.share_kept is None or 0 <= made.share_kept <= 1
                assert made.nervousness is None or 0 <= made.nervousness <= 1
                assert made.mean_slip is None or made.mean_slip >= 0
                assert made.mean_slip_of_late is None or made.mean_slip_of_late >= 1


def check_messages(ledger: PromiseLedger, state: Snapshot) -> None:
    """See that a message accounts for every unit that was ordered."""
    for line in ledger.lines:
        if state.find_line(line.order, line.line) is not None:
            made = message_for(ledger, line.order, line.line, state=state)
            left = made.shipped + made.ready + made.cancelled + made.without_date
            assert left + sum(each.quantity for each in made.dated) == made.ordered
            assert in_english(made).isprintable()


@given(snapshots(), st.sampled_from(sorted(POLICIES)), RULES, STEPS, st.data())
def test_the_ledger_follows_the_shop(
    snapshot: Snapshot, name: str, rules: ResponseRules, steps: int, data: st.DataObject
) -> None:
    start = plan(snapshot, policy=POLICIES[name]).outcome
    ledger = PromiseLedger.of(start, rules=rules)
    check_state(ledger, start)
    history = list[Commit]()
    ids = set[str]()
    for before, found in walk(start, POLICIES[name], steps, data):
        key = f"command-{len(history)}"
        was = {(line.order, line.line): line for line in ledger.lines}
        ledger = ledger.after(found.changes, before=before, id=key)

        for line in ledger.lines:
            check_step(was.get((line.order, line.line)), line)
        check_state(ledger, found.outcome)
        check_told(ledger)
        check_messages(ledger, found.outcome)
        new = [change.id for change in ledger.latest]
        assert len(set(new)) == len(new)
        assert ids.isdisjoint(new)
        ids.update(new)
        history.append(Commit(key, before.as_of, found.changes))

    check_figures(ledger, before_last(history, start))
    assert ledger_of(history, start=start, rules=rules) == ledger


Moved = Counter[tuple[object, ...]]


def moves_of(told: Iterable[Notice | PromiseChange]) -> Moved:
    """Count the units of each line that moved from one day to another."""
    counted = Moved()
    for each in told:
        if each.kind.startswith("promise") and each.quantity is not None:
            days = (None if due is None else due.date() for due in (each.due_before, each.due))
            counted[each.order, each.line, each.kind, *days] += each.quantity
    return counted


@given(snapshots(memory=0), st.sampled_from(sorted(POLICIES)), STEPS, st.data())
def test_the_ledger_and_the_notices_tell_the_same(
    snapshot: Snapshot, name: str, steps: int, data: st.DataObject
) -> None:
    start = plan(snapshot, policy=POLICIES[name]).outcome
    ledger = PromiseLedger.of(start)
    for before, found in walk(start, POLICIES[name], steps, data):
        ledger = ledger.after(found.changes, before=before, id="x")
        told = notices(found.changes, before=before, id="x")

        assert moves_of(ledger.latest) == moves_of(told)
        assert len({notice.id for notice in told}) == len(told)


@given(snapshots(), STEPS, st.data())
def test_whatever_gets_later_has_a_reason(
    snapshot: Snapshot, steps: int, data: st.DataObject
) -> None:
    start = plan(snapshot, policy=Fifo()).outcome
    ledger = PromiseLedger.of(start)
    for before, found in walk(start, Fifo(), steps, data):
        ledger = ledger.after(found.changes, before=before, id="x")
        for change in ledger.latest:
            if change.kind in {"promise_later", "promise_lost", "promise_earlier"}:
                assert change.causes, (change, found.command)
