"""Answers what can be had when, without placing anything."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, check_flag, raise_first, require_time
from backorderkit.model.ids import Location, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.planning.book import Book, require_source
from backorderkit.planning.given import not_a, require_id
from backorderkit.policies.protocol import AllocationPolicy, require_policy
from backorderkit.promising.quotes import (
    BasketQuote,
    Chance,
    Quote,
    Shown,
    ShownKind,
    SupplyKind,
    Wish,
    parts_of,
    with_purchase,
)
from backorderkit.promising.supply_rules import SupplyRules
from backorderkit.promising.timeline import AtpStep, timeline_of

_View = tuple[Sku, Location | None]


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Availability:
    """
    What can be promised from a snapshot or a book, SKU by SKU; made by `Availability.of`.

    Nothing is placed, and no other promise is broken by what it offers.  The first question
    about a SKU plans its lines, O(lines of the SKU); what it found is kept, so that further
    ones cost microseconds.

    Attributes:
        as_of: The moment.

    >>> from backorderkit.model import Order, ReceiptId, ScheduledReceipt, Snapshot, read_time
    >>> from backorderkit.policies import Fifo
    >>> more = ScheduledReceipt(
    ...     id=ReceiptId("PO-7"), sku=Sku("MUG"), quantity=50, due=read_time("2026-01-12")
    ... )
    >>> shop = Snapshot.of(
    ...     as_of="2026-01-05",
    ...     stock={"MUG": 8},
    ...     receipts=[more],
    ...     orders=[Order.of("SO-1", "2026-01-02", {"MUG": 5})],
    ... )
    >>> available = Availability.of(shop, policy=Fifo())
    >>> available.by("MUG", read_time("2026-01-06")), available.by("MUG", read_time("2026-01-12"))
    (3, 53)
    >>> for part in available.when("MUG", 10).parts:
    ...     print(part.quantity, part.at.date(), part.supply, part.receipt)
    3 2026-01-05 stock None
    7 2026-01-12 receipt PO-7
    """

    as_of: datetime
    _book: Book = attrs.field(repr=False)
    _policy: AllocationPolicy = attrs.field(repr=False)
    _rules: SupplyRules = attrs.field(repr=False)
    _known: dict[_View, tuple[AtpStep, ...]] = attrs.field(factory=dict, repr=False)
    _rises: dict[_View, tuple[Chance, ...]] = attrs.field(factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        source: Snapshot | Book,
        /,
        *,
        policy: AllocationPolicy,
        rules: SupplyRules | None = None,
    ) -> Availability:
        """
        Prepare to answer.  O(lines) for a snapshot, O(1) for a book.

        Args:
            source: What is true.
            policy: Who gets scarce supply among the lines that are there.  A new order gets
                what they leave.  Where the policy would let it take from them, as a fair share
                does, promise with `KeepPromises`, so that it does not.
            rules: Which supply counts.

        Raises:
            InvalidValueError: if one of these is no such thing.
        """
        require_source(source)
        require_policy(policy)
        rules = SupplyRules() if rules is None else rules
        if not isinstance(rules, SupplyRules):
            raise not_a("rules", rules, "SupplyRules")
        book = Book.of(source) if isinstance(source, Snapshot) else source
        return cls(as_of=book.as_of, book=book, policy=policy, rules=rules)

    def timeline(self, sku: str, location: str | None = None) -> tuple[AtpStep, ...]:
        """
        Give what comes, what is committed and what can be promised, step by step.

        Args:
            sku: Of what.
            location: At one location; None is anywhere.

        Raises:
            InvalidValueError: if the SKU is not among the items, or one of these is no id.
        """
        require_id("sku", sku)
        if location is not None:
            require_id("location", location)
        view = Sku(sku), None if location is None else Location(location)
        steps = self._known.get(view)
        if steps is None:
            if not self._book.knows(view[0]):
                reason = "must be one of the items"
                raise InvalidValueError(field="sku", value=sku, reason=reason)
            book = self._counted(view[0])
            steps = timeline_of(book, *view, self._policy, self._rules)
            self._known[view] = steps
        return steps

    def by(self, sku: str, date: datetime, location: str | None = None) -> int:
        """
        Say how much can be promised for a time: the largest quantity that breaks no promise.

        What can be bought is not in it.  Nothing can be had before the moment of the snapshot.
        """
        require_time("date", date)
        steps = self.timeline(sku, location)
        place = bisect_right(steps, date, key=_at)
        return steps[place - 1].available if place else 0

    def when(
        self,
        sku: str,
        quantity: int,
        location: str | None = None,
        *,
        wanted: datetime | None = None,
        latest: datetime | None = None,
        minimum: int = 1,
    ) -> Quote:
        """
        Say when a quantity can be had, in as few words as it takes: in parts, by time.

        Args:
            sku: Of what.
            quantity: How many units, in smallest units.
            location: From where; None is from anywhere.
            wanted: Not before then; None is at once.
            latest: What comes later is of no use; None is whenever.
            minimum: No part is smaller than this; see `Wish`.

        Raises:
            InvalidValueError: as `timeline` does, or if the wish is none.
        """
        wish = Wish(quantity=quantity, wanted=wanted, latest=latest, minimum=minimum)
        return self._quote(sku, location, wish)

    def basket(
        self,
        wants: Mapping[str, int],
        location: str | None = None,
        *,
        one_location: bool = False,
        latest: datetime | None = None,
    ) -> BasketQuote:
        """
        Say when a basket can ship together.

        Args:
            wants: Units by SKU, in smallest units.
            location: From where all of it ships; None is from anywhere.
            one_location: Whether all of it must ship from one location, whichever is the
                first to have everything; the first by name of those that are equal, and
                None where no location has or awaits any of it and all can be bought.
            latest: What comes later is of no use.

        Raises:
            InvalidValueError: as `when` does, or if there is nothing in the basket.

        >>> from backorderkit.policies import Fifo
        >>> shop = Snapshot.of(as_of="2026-01-05", stock={"MUG": 8, "BOWL": 1})
        >>> basket = Availability.of(shop, policy=Fifo()).basket({"MUG": 2, "BOWL": 2})
        >>> basket.at is None, basket.late
        (True, ('BOWL',))
        """
        if not isinstance(wants, Mapping) or not wants:
            reason = "must be a mapping of SKUs to quantities, and not empty"
            raise InvalidValueError(field="wants", value=wants, reason=reason)
        for sku in wants:
            require_id("sku", sku)
        problems: Problems = []
        check_flag(problems, "one_location", one_location)
        raise_first(problems)
        wishes = {
            sku: Wish(quantity=quantity, latest=latest) for sku, quantity in sorted(wants.items())
        }
        if location is not None or not one_location:
            return self._basket(wishes, location)
        places = self._places(wishes)
        if not places:
            # Nothing is anywhere, so whatever can be bought can go to one place.
            return self._basket(wishes, None)
        # The first of those that are equal is the first by name.
        tries = [self._basket(wishes, place) for place in places]
        complete = [each for each in tries if each.at is not None]
        if complete:
            return min(complete, key=lambda each: (each.at or self.as_of, each.location or ""))
        return attrs.evolve(self._basket(wishes, None), at=None)

    def page(self, skus: Iterable[str], location: str | None = None) -> tuple[Shown, ...]:
        """
        Say of many SKUs what a shop shows: in stock, coming, can be bought, none known.

        Args:
            skus: Of what, in the order of the answer.
            location: At one location; None is anywhere.

        Raises:
            InvalidValueError: as `timeline` does.

        >>> from backorderkit.policies import Fifo
        >>> shop = Snapshot.of(as_of="2026-01-05", stock={"MUG": 8})
        >>> for shown in Availability.of(shop, policy=Fifo()).page(["MUG", "BOWL"]):
        ...     print(shown.sku, shown.kind, shown.now)
        MUG in_stock 8
        BOWL none_known 0
        """
        if isinstance(skus, str) or not isinstance(skus, Iterable):
            raise InvalidValueError(field="skus", value=skus, reason="must be a collection of SKUs")
        return tuple(self._shown(sku, location) for sku in skus)

    def _shown(self, sku: str, location: str | None) -> Shown:
        now = self.by(sku, self.as_of, location)
        more = next((each for each in self._chances(sku, location) if each[1] > now), None)
        kind: ShownKind = "in_stock" if now else "none_known"
        more_at = self._bought_at(Sku(sku))
        if more is not None:
            more_at = more[0]
            kind = "in_stock" if now else "coming"
        elif more_at is not None and not now:
            kind = "can_be_bought"
        return Shown(
            sku=Sku(sku),
            kind=kind,
            now=now,
            more=0 if more is None else more[1] - now,
            more_at=more_at,
            denied=self._denies(Sku(sku)),
        )

    def _basket(self, wishes: Mapping[str, Wish], location: str | None) -> BasketQuote:
        quotes = tuple(self._quote(sku, location, wish) for sku, wish in wishes.items())
        times = [quote.complete_at for quote in quotes]
        known = [at for at in times if at is not None]
        return BasketQuote(
            at=max(known) if len(known) == len(times) else None,
            location=None if location is None else Location(location),
            quotes=quotes,
        )

    def _places(self, skus: Iterable[str]) -> list[Location]:
        shelves = [self._book._shelf(Sku(sku)) for sku in skus]  # noqa: SLF001 - it is ours
        there = {level.location for shelf in shelves for level in shelf.stock}
        there |= {receipt.location for shelf in shelves for receipt in shelf.receipts}
        return sorted(there)

    def _quote(self, sku: str, location: str | None, wish: Wish) -> Quote:
        chances: Sequence[Chance] = self._chances(sku, location)
        bought = self._bought_at(Sku(sku))
        if bought is not None:
            chances = with_purchase(wish, chances, bought)
        return Quote(
            sku=Sku(sku),
            location=None if location is None else Location(location),
            wanted=wish.quantity,
            parts=parts_of(wish, chances),
            denied=self._denies(Sku(sku)),
        )

    def _chances(self, sku: str, location: str | None) -> tuple[Chance, ...]:
        steps = self.timeline(sku, location)
        view = Sku(sku), None if location is None else Location(location)
        chances = self._rises.get(view)
        if chances is None:
            chances = self._rises[view] = tuple(_chances(steps, self.as_of))
        return chances

    def _denies(self, sku: Sku) -> bool:
        item = self._book._item(sku)  # noqa: SLF001 - it is ours
        return item is not None and item.backorders == "deny"

    def _counted(self, sku: Sku) -> Book:
        """Give the book with the receipts of a SKU as they count."""
        book = self._book
        for receipt in book._shelf(sku).receipts:  # noqa: SLF001 - it is ours
            counted = self._rules.expected(receipt, as_of=self.as_of)
            if counted is None:
                book = book.without_receipt(receipt.id)
            elif counted is not receipt:
                book = book.with_receipt(counted)
        return book

    def _bought_at(self, sku: Sku) -> datetime | None:
        item = self._book._item(sku)  # noqa: SLF001 - it is ours
        if not self._rules.purchase or item is None or item.lead_time_days is None:
            return None
        try:
            return self.as_of + timedelta(days=item.lead_time_days)
        except OverflowError:
            # Beyond the calendar is never.
            return None


def _chances(steps: Iterable[AtpStep], as_of: datetime) -> list[Chance]:
    """Give the moments from which more can be promised than before."""
    chances: list[Chance] = []
    for at, group in groupby(steps, key=_at):
        here = list(group)
        if here[0].available <= (chances[-1][1] if chances else 0):
            continue
        # What leaves something comes before what is committed whole.
        here.sort(key=lambda step: (step.discrete > 0, step.receipt or ""))
        receipt = here[-1].receipt
        kind: SupplyKind = "stock" if receipt is None and at == as_of else "receipt"
        chances.append((at, here[0].available, kind, receipt))
    return chances


def _at(step: AtpStep) -> datetime:
    return step.at
