"""The promise ledger: all that was said of dates, line by line."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar

import attrs

from backorderkit.changes import Fact
from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, as_tuple, raise_first, refuse, require_time
from backorderkit.model._maps import StableMap
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.planning.applying import apply, orders_in
from backorderkit.planning.book import Book, require_source
from backorderkit.planning.carrying_out import skus_of
from backorderkit.planning.given import not_a, require_id
from backorderkit.planning.grounds import Ground, ground_of
from backorderkit.promising.recording import Recorder, line_of
from backorderkit.promising.responses import (
    Consent,
    DueCancellation,
    ResponseRules,
    agreed_now,
    is_overdue,
)
from backorderkit.promising.tracked import LedgerLine, PromiseChange

_Value = TypeVar("_Value")
_Source = TypeVar("_Source")


@attrs.frozen(kw_only=True)
class SkuRecord:
    """
    How quiet the promises of a SKU were.

    Attributes:
        promised: Units that have a date now.
        replans: How often facts about the SKU were recorded.
        exposed: Units that had a date before each of these times, summed up.
        moved: Units of them that got another date, or lost it.
        shifted: Units of these that have another date.
        days: By how many days these moved, earlier or later, summed up over the units.
    """

    promised: int = 0
    replans: int = 0
    exposed: int = 0
    moved: int = 0
    shifted: int = 0
    days: int = 0


def _entries(entries: StableMap[_Value]) -> tuple[tuple[str, _Value], ...]:
    return tuple(entries.items())


def _nothing() -> StableMap[tuple[LedgerLine, ...]]:
    return StableMap()


def _no_records() -> StableMap[SkuRecord]:
    return StableMap()


@attrs.frozen(kw_only=True)
class PromiseLedger:
    """
    What was promised of each line: first, now, and every change between, with its reason.

    It never changes; `after` gives the ledger with what was said since.  It is made of
    facts alone, so the history of a store gives it again (`ledger_of`), and nothing of
    it needs a table.  What customers answer is not among the facts: keep each `Consent`.

    It counts on the host to tell what it is asked to tell: with a response other than
    ``"nothing"`` the customer knows the dates of the whole line.

    Units are followed one by one, the first to come first.  What is allocated fills the
    first of them; what is cancelled leaves from the end.  What is taken from a line waits
    again, with what was said of it before; of what it got last first.

    Attributes:
        rules: What a host does about changes.
        latest: The changes that the last facts made, by order and line.

    >>> from backorderkit import Fifo, Order, PlaceOrder, ReceiptId, ScheduledReceipt, answer
    >>> from backorderkit.model import read_time
    >>> coming = ScheduledReceipt(
    ...     id=ReceiptId("PO-7"), sku=Sku("MUG"), quantity=4, due=read_time("2026-01-12")
    ... )
    >>> shop = Snapshot.of(as_of="2026-01-05", receipts=[coming])
    >>> placed = PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 3}))
    >>> facts = answer(shop, placed, policy=Fifo()).changes
    >>> ledger = PromiseLedger().after(facts, before=shop, id="web-4711")
    >>> [(each.kind, each.quantity, each.response) for each in ledger.latest]
    [('promised', 3, 'tell')]
    """

    rules: ResponseRules = attrs.field(factory=ResponseRules)
    latest: tuple[PromiseChange, ...] = attrs.field(default=())
    _lines: StableMap[tuple[LedgerLine, ...]] = attrs.field(
        factory=_nothing, repr=False, eq=_entries
    )
    _skus: StableMap[SkuRecord] = attrs.field(factory=_no_records, repr=False, eq=_entries)

    def __attrs_post_init__(self) -> None:
        """Refuse what are no rules."""
        if not isinstance(self.rules, ResponseRules):
            raise not_a("rules", self.rules, "ResponseRules")

    @classmethod
    def of(cls, source: Snapshot | Book, /, *, rules: ResponseRules | None = None) -> PromiseLedger:
        """
        Begin with what a snapshot, or a book, remembers: it counts as told, and as the first.

        Args:
            source: What is true.
            rules: What the host does about changes; the default ones if absent.

        Raises:
            InvalidValueError: if it is no snapshot and no book, or they are no rules.
        """
        require_source(source)
        snapshot = source if isinstance(source, Snapshot) else source.snapshot
        made = cls() if rules is None else cls(rules=rules)
        lines = dict[OrderId, list[LedgerLine]]()
        promised = dict[Sku, int]()
        for each in snapshot.backorders:
            found = snapshot.find_line(each.order, each.line)
            line = line_of(each, None if found is None else found.sku)
            lines.setdefault(each.order, []).append(line)
            if line.sku is not None:
                promised[line.sku] = promised.get(line.sku, 0) + line.promised
        return attrs.evolve(
            made,
            lines=StableMap((order, tuple(own)) for order, own in lines.items()),
            skus=StableMap((sku, SkuRecord(promised=units)) for sku, units in promised.items()),
        )

    @property
    def lines(self) -> tuple[LedgerLine, ...]:
        """Every line of which something was said, by order and line.  O(lines)."""
        return tuple(line for _, own in self._lines.items() for line in own)

    def find_line(self, order: OrderId, line: LineId, /) -> LedgerLine | None:
        """Give what was said of a line, or None if nothing was."""
        own = self._lines.get(order) or ()
        place = bisect_left(own, line, key=_line_id)
        return own[place] if place < len(own) and own[place].line == line else None

    @property
    def skus(self) -> tuple[tuple[Sku, SkuRecord], ...]:
        """How quiet the promises of each SKU were, by SKU."""
        return tuple((Sku(sku), record) for sku, record in self._skus.items())

    def after(
        self,
        facts: Iterable[Fact],
        *,
        before: Snapshot | Book,
        id: str,  # noqa: A002 - as of `notices`
    ) -> PromiseLedger:
        """
        Give the ledger with what facts said.  It costs what the lines cost that they name.

        Args:
            facts: What happened, and fits: the changes of an `Answer` or a `Plan`, the
                facts of a commit.
            before: What was true before, at the moment of the facts.  What was loaded for
                a command is enough for what it came to.
            id: Names the facts: the key of the command.  The ids of the changes begin
                with it.

        Raises:
            InvalidValueError: if *before* is no snapshot and no book, *id* no text,
                *facts* cannot be iterated, or one of them is none.
        """
        require_source(before)
        require_id("id", id)
        given = as_tuple("facts", facts)
        problems: Problems = []
        for place, fact in enumerate(given):
            if not isinstance(fact, Fact):
                refuse(problems, "facts", fact, "must be a fact", f"facts[{place}]")
        raise_first(problems)
        orders = orders_in(given)
        if isinstance(before, Snapshot):
            return self._recorded(given, ground_of(before, orders), id)
        return self._recorded(given, ground_of(before, orders), id)

    def consented(self, consent: Consent, /) -> PromiseLedger:
        """
        Give the ledger after a customer agreed to what they were told last of a line.

        Raises:
            InvalidValueError: if it is no consent, or nothing was said of its line.
        """
        if not isinstance(consent, Consent):
            raise not_a("consent", consent, "Consent")
        line = self.find_line(consent.order, consent.line)
        if line is None:
            reason = "must name a line of which something was said"
            raise InvalidValueError(field="line", value=consent.line, reason=reason)
        agreed = attrs.evolve(
            line,
            waiting=tuple(map(agreed_now, line.waiting)),
            agreed_at=(*line.agreed_at, consent.at),
        )
        return attrs.evolve(self, lines=self._lines_with([agreed]))

    def cancellations(self, as_of: datetime, /) -> tuple[DueCancellation, ...]:
        """
        List what is to be cancelled, since nobody agreed in time.  O(lines).

        Raises:
            InvalidValueError: if *as_of* is no time, or naive.
        """
        require_time("as_of", as_of)
        found: list[DueCancellation] = []
        for line in self.lines:
            due = [each for each in line.waiting if is_overdue(each, as_of)]
            times = [each.answer_by for each in due if each.answer_by is not None]
            if times:
                made = DueCancellation(
                    order=line.order,
                    line=line.line,
                    quantity=sum(each.quantity for each in due),
                    answer_by=min(times),
                )
                found.append(made)
        return tuple(found)

    def _recorded(
        self, facts: tuple[Fact, ...], ground: Ground[_Source], name: str
    ) -> PromiseLedger:
        known = dict[LineKey, LedgerLine]()
        # An order of many lines is named by many facts.
        for order in dict.fromkeys(orders_in(facts)):
            for line in self._lines.get(order) or ():
                known[order, line.line] = line
        recorder = Recorder(known, ground, self.rules)
        for place, fact in enumerate(facts, start=1):
            recorder.add(place, fact)
        made = list(recorder.result(facts, name))
        latest = [change for before, now in made for change in now.changes[len(before.changes) :]]
        concerned = skus_of(facts, ground) | {now.sku for _, now in made if now.sku is not None}
        return attrs.evolve(
            self,
            latest=tuple(latest),
            lines=self._lines_with(now for before, now in made if now != before or now.waiting),
            skus=self._skus_with(concerned, known, made),
        )

    def _lines_with(self, lines: Iterable[LedgerLine]) -> StableMap[tuple[LedgerLine, ...]]:
        found = dict[OrderId, dict[LineId, LedgerLine]]()
        for line in lines:
            own = found.get(line.order)
            if own is None:
                own = {each.line: each for each in self._lines.get(line.order) or ()}
                found[line.order] = own
            own[line.line] = line
        made = self._lines
        for order, own in found.items():
            made = made.put(order, tuple(own[line] for line in sorted(own)))
        return made

    def _skus_with(
        self,
        concerned: Iterable[Sku],
        known: dict[LineKey, LedgerLine],
        made: list[tuple[LedgerLine, LedgerLine]],
    ) -> StableMap[SkuRecord]:
        records = {sku: self._skus.get(sku) or SkuRecord() for sku in sorted(concerned)}
        for before, now in made:
            if now.sku is not None and (now.order, now.line) not in known:
                # What nobody told this ledger of before is known from now on.
                was = records[now.sku]
                records[now.sku] = attrs.evolve(was, promised=was.promised + before.promised)
        for sku, was in records.items():
            records[sku] = attrs.evolve(
                was, replans=was.replans + 1, exposed=was.exposed + was.promised
            )
        for before, now in made:
            if now.sku is not None:
                records[now.sku] = _shaken(records[now.sku], before, now)
        changed = self._skus
        for sku, record in records.items():
            changed = changed.put(sku, record)
        return changed


class Told(Protocol):
    """Facts that were told at a moment under a name, such as a commit of a store."""

    @property
    def key(self) -> str:
        """What names them."""
        ...

    @property
    def as_of(self) -> datetime:
        """When."""
        ...

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What happened, in this order."""
        ...


def ledger_of(
    history: Iterable[Told],
    *,
    start: Snapshot | Book,
    rules: ResponseRules | None = None,
    consents: Iterable[Consent] = (),
) -> PromiseLedger:
    """
    Make the ledger of the past.  O(all that ever happened).

    Args:
        history: Commits without a gap, such as `Store.history` gives them.
        start: What was true before the first of them.
        rules: What the host did about changes; the default ones if absent.
        consents: What customers agreed to; each comes after the commits of its moment.

    Raises:
        InvalidInputError: if a commit does not fit what was true before it.
        InvalidValueError: if *start* is no snapshot and no book, or a consent is about
            a line of which nothing was said by then, or is none.

    >>> from backorderkit import Fifo, Order, PlaceOrder
    >>> from backorderkit.service import Backorders
    >>> from backorderkit.storage import MemoryStore
    >>> start = Snapshot.of(as_of="2026-01-05", stock={"MUG": 3})
    >>> store = MemoryStore(start)
    >>> order = PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 5}))
    >>> done = Backorders(store, policy=Fifo()).do(order, key="web-4711")
    >>> ledger_of(store.history(), start=start).lines[0].quantity
    2
    """
    ledger = PromiseLedger.of(start, rules=rules)
    now = Book.of(start) if isinstance(start, Snapshot) else start
    # As of `published`: items may have been defined since.
    now = attrs.evolve(now, items=None)
    given = as_tuple("consents", consents)
    for each in given:
        if not isinstance(each, Consent):
            raise not_a("consents", each, "Consent")
    open_ = sorted(given, key=lambda each: (each.at, each.order, each.line))
    for commit in history:
        while open_ and open_[0].at < commit.as_of:
            ledger = ledger.consented(open_.pop(0))
        before = now.at(commit.as_of)
        ledger = ledger.after(commit.facts, before=before, id=commit.key)
        now = apply(before, commit.facts)
    for consent in open_:
        ledger = ledger.consented(consent)
    return ledger


def _line_id(line: LedgerLine) -> LineId:
    return line.line


def _shaken(record: SkuRecord, before: LedgerLine, now: LedgerLine) -> SkuRecord:
    """Add what became of the promises of a line."""
    moved = shifted = days = 0
    for change in now.changes[len(before.changes) :]:
        if change.due_before is not None:
            moved += change.quantity
        if change.by is not None:
            shifted += change.quantity
            days += abs(change.by.days) * change.quantity
    return attrs.evolve(
        record,
        promised=record.promised + now.promised - before.promised,
        moved=record.moved + moved,
        shifted=record.shifted + shifted,
        days=record.days + days,
    )
