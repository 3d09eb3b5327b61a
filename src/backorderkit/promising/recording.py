"""What facts make of what was said of lines so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import attrs

from backorderkit.changes import (
    Allocated,
    Backordered,
    Fact,
    LineAdded,
    Placed,
    Promised,
    Released,
)
from backorderkit.model.backorders import Backorder, Promise
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.snapshot import LineKey
from backorderkit.planning.grounds import Ground
from backorderkit.planning.moved_promises import compared_promises, day_of
from backorderkit.planning.notices import kind_of_move
from backorderkit.promising.causes import Cause, Causes, Holding
from backorderkit.promising.responses import (
    END_OF_TIME,
    ResponseRules,
    agreed_now,
    reply_to,
    told_now,
)
from backorderkit.promising.tracked import (
    RESPONSES,
    LedgerLine,
    PromiseChange,
    SettledUnits,
    TrackedUnits,
    days_between,
    joined,
    moved,
    taken,
)

_Source = TypeVar("_Source")


@attrs.define
class Touched:
    """
    A line that facts name.

    Attributes:
        before: What was said of it until then.
        quantity: How many units wait now.
        promises: What they are promised now.
        allocated: Units that were allocated to it, less those taken from it.
        place: Which fact about what waits, or is promised, was the last.
    """

    before: LedgerLine
    quantity: int
    promises: tuple[Promise, ...]
    allocated: int = 0
    place: int = 0


def line_of(known: Backorder, sku: Sku | None) -> LedgerLine:
    """Begin with what is remembered of a backorder: it counts as the first that was said."""
    waiting: list[TrackedUnits] = []
    left = known.quantity
    for promise in known.promises:
        units, due = min(left, promise.quantity), promise.due
        left -= units
        if units:
            waiting.append(
                TrackedUnits(quantity=units, first=due, due=due, told=due, agreed=due),
            )
    if left:
        waiting.append(TrackedUnits(quantity=left))
    return LedgerLine(
        order=known.order,
        line=known.line,
        sku=sku,
        waiting=joined(waiting),
        promises=known.promises,
    )


class Recorder(Generic[_Source]):
    """Takes facts one after another, and says then what they made of the lines they name."""

    def __init__(
        self, known: dict[LineKey, LedgerLine], ground: Ground[_Source], rules: ResponseRules
    ) -> None:
        """Start from what was said so far of the lines that facts may name."""
        self._known = known
        self._ground = ground
        self._rules = rules
        self._touched = dict[LineKey, Touched]()

    def add(self, place: int, fact: Fact) -> None:
        """Take a fact, by its place in a list."""
        match fact:
            case Placed():
                for line in fact.order.lines:
                    self._begin(fact.order.id, line.id, line.sku)
            case LineAdded():
                self._begin(fact.order, fact.line.id, fact.line.sku)
            case Allocated():
                self._now(fact.order, fact.line).allocated += fact.quantity
            case Released():
                self._now(fact.order, fact.line).allocated -= fact.quantity
            case Backordered():
                now = self._now(fact.order, fact.line)
                now.quantity, now.place = fact.quantity, place
                if not fact.quantity:
                    now.promises = ()
            case Promised():
                now = self._now(fact.order, fact.line)
                now.promises, now.place = fact.promises, place
            case _:
                pass

    def result(self, facts: Iterable[Fact], name: str) -> Iterator[tuple[LedgerLine, LedgerLine]]:
        """Give each line that is other than before, as it was and as it is; sorted."""
        holdings = {
            key: Holding(
                sku=now.before.sku,
                allocated=now.allocated,
                before=now.before.promises,
                now=now.promises,
            )
            for key, now in self._touched.items()
            if now.before.sku is not None
        }
        causes = Causes(facts, self._ground, holdings)
        for key in sorted(self._touched):
            now = self._touched[key]
            made = self._settled(now)
            yield self._known.get(key, now.before), self._said(made, now, causes, name)

    def _begin(self, order: OrderId, line: LineId, sku: Sku) -> None:
        """Start a line anew; what is remembered of an older one of its id is not its own."""
        key = order, line
        before = self._known.get(key) or LedgerLine(order=order, line=line, sku=sku)
        gone = before.waiting
        settled = (SettledUnits(kind="cancelled", at=self._ground.as_of, units=u) for u in gone)
        fresh = attrs.evolve(
            before, sku=sku, waiting=(), promises=(), settled=(*before.settled, *settled)
        )
        self._touched[key] = Touched(fresh, 0, ())

    def _now(self, order: OrderId, line: LineId) -> Touched:
        key = order, line
        now = self._touched.get(key)
        if now is None:
            before = self._known.get(key) or self._found(order, line)
            now = self._touched[key] = Touched(before, before.quantity, before.promises)
        return now

    def _found(self, order: OrderId, line: LineId) -> LedgerLine:
        standing = self._ground.standing(order, line)
        sku = None if standing.line is None else standing.line.sku
        if standing.backorder is None:
            return LedgerLine(order=order, line=line, sku=sku)
        return line_of(standing.backorder, sku)

    def _settled(self, now: Touched) -> LedgerLine:
        """Let units leave that wait no more, and let those wait again that were taken back."""
        line, at = now.before, self._ground.as_of
        fewer = line.quantity - now.quantity
        if not fewer:
            return line
        filled = min(max(now.allocated, 0), max(fewer, 0))
        first, rest = taken(line.waiting, filled)
        kept, gone = taken(rest, min(sum(each.quantity for each in rest), now.quantity))
        settled = [SettledUnits(kind="filled", at=at, units=each) for each in first]
        settled += [SettledUnits(kind="cancelled", at=at, units=each) for each in gone]
        back, left = _taken_back(line.settled, min(max(-now.allocated, 0), max(-fewer, 0)))
        new = max(-fewer, 0) - sum(each.quantity for each in back)
        fresh = [TrackedUnits(quantity=new)] if new else []
        return attrs.evolve(
            line,
            waiting=(*_answered(kept, gone), *back, *fresh),
            settled=(*left, *settled),
        )

    def _said(
        self, line: LedgerLine, now: Touched, causes: Causes[_Source], name: str
    ) -> LedgerLine:
        """Say which units have another date now, why, and what to do about it."""
        pairs: list[tuple[TrackedUnits, TrackedUnits]] = []
        changes: list[PromiseChange] = []
        for before, due in _redated(line, now):
            if day_of(before.due) == day_of(due):
                pairs.append(
                    (before, before if before.due == due else attrs.evolve(before, due=due))
                )
                continue
            reply = reply_to(self._rules, before, due, self._ground.as_of)
            pairs.append((before, reply.units))
            made = PromiseChange(
                id="",
                kind=kind_of_move(before.due, due),
                at=self._ground.as_of,
                order=line.order,
                line=line.line,
                sku=line.sku,
                quantity=before.quantity,
                first=reply.units.first,
                told_before=before.told,
                due_before=before.due,
                due=due,
                response=reply.kind,
                answer_by=reply.units.answer_by if reply.kind == "cancel" else None,
                causes=self._why(now, before, due, causes),
            )
            _add(changes, made)
        news, told_at = line.news, line.told_at
        if any(change.response != "nothing" for change in changes):
            # Who hears of some units of a line hears of all, small slips included.
            pairs = [(before, told_now(units)) for before, units in pairs]
            news, told_at = tuple(moved(pairs)), self._ground.as_of
        named = (
            attrs.evolve(change, id=f"{name}/{now.place}/change-{number}")
            for number, change in enumerate(changes, start=1)
        )
        return attrs.evolve(
            line,
            waiting=joined(units for _, units in pairs),
            promises=now.promises,
            changes=(*line.changes, *named),
            news=news,
            told_at=told_at,
        )

    def _why(
        self,
        now: Touched,
        before: TrackedUnits,
        due: datetime | None,
        causes: Causes[_Source],
    ) -> tuple[Cause, ...]:
        line = now.before
        if line.sku is None:
            return ()
        slip = days_between(before.due, due)
        # A unit without a date may wait again since it was taken back, which is no gain.
        is_worse = now.allocated < 0 if before.due is None else slip is None or slip > timedelta()
        return causes.why((line.order, line.line), is_worse=is_worse, due=due)


def _redated(line: LedgerLine, now: Touched) -> Iterator[tuple[TrackedUnits, datetime | None]]:
    """Give the units that wait, and what each is promised for now."""
    rest: Iterable[TrackedUnits] = line.waiting
    for units, _, due in compared_promises(line.waiting, now.promises, 0, line.quantity):
        part, rest = taken(rest, units)
        for each in part:
            yield each, due


def _taken_back(
    settled: tuple[SettledUnits, ...], quantity: int
) -> tuple[list[TrackedUnits], list[SettledUnits]]:
    """Let units wait again that were filled, the last ones first; give them and the rest."""
    back: list[TrackedUnits] = []
    left: list[SettledUnits] = []
    for each in reversed(settled):
        part = min(quantity, each.units.quantity) if each.kind == "filled" else 0
        quantity -= part
        if part:
            back.append(attrs.evolve(each.units, quantity=part, due=None))
        if part < each.units.quantity:
            kept = attrs.evolve(each.units, quantity=each.units.quantity - part)
            left.append(attrs.evolve(each, units=kept))
    return back[::-1], left[::-1]


def _answered(kept: list[TrackedUnits], gone: list[TrackedUnits]) -> list[TrackedUnits]:
    """
    Settle as many questions as units are cancelled, the most pressing ones first.

    The units that come last are those that leave.  Where the customer was asked about
    others of the line, these take over what is still open of the questions.
    """
    asked = sorted((each for each in (*kept, *gone) if each.asked != "nothing"), key=_pressing)
    _, questions = taken(asked, sum(each.quantity for each in gone))
    answers = sum(each.quantity for each in gone if each.asked == "nothing")
    made = dict[int, list[TrackedUnits]]()
    for place in sorted(range(len(kept)), key=lambda place: _pressing(kept[place])):
        if kept[place].asked == "nothing":
            break
        settled, rest = taken([kept[place]], answers)
        answers -= sum(each.quantity for each in settled)
        made[place] = [agreed_now(each) for each in settled]
        for each in rest:
            mine, questions = taken(questions, each.quantity)
            made[place] += (_asked_as(each, question) for question in mine)
    return [part for place, each in enumerate(kept) for part in made.get(place, [each])]


def _pressing(units: TrackedUnits) -> tuple[int, datetime]:
    """Rank a question: what silence cancels first comes first."""
    return -RESPONSES.index(units.asked), units.answer_by or END_OF_TIME


def _asked_as(units: TrackedUnits, question: TrackedUnits) -> TrackedUnits:
    asked, by = question.asked, question.answer_by
    return attrs.evolve(units, quantity=question.quantity, asked=asked, answer_by=by)


def _add(changes: list[PromiseChange], made: PromiseChange) -> None:
    """Add a change, or add its units to the last one if all else of it is the same."""
    if changes and attrs.evolve(changes[-1], quantity=made.quantity) == made:
        made = attrs.evolve(made, quantity=made.quantity + changes.pop().quantity)
    changes.append(made)
