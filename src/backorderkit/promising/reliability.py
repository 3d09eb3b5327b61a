"""How late, and how short, receipts come: learnt from the past, asked at a confidence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Final

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_label,
    check_text,
    check_whole,
    raise_first,
    refuse,
    require_time,
)
from backorderkit.model.ids import Sku
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.promising.curves import Curve
from backorderkit.promising.expectations import Expectation
from backorderkit.promising.levels import Evidence, Levels
from backorderkit.promising.past import PastReceipt, lessons

MOST_PERCENT: Final = 99
"""The surest that one may ask for: no past makes anything certain."""


@attrs.frozen(kw_only=True)
class Stated:
    """
    A number, and how surely it holds.

    Attributes:
        value: The number: days late at most, or good per cent at least.
        asked: The confidence asked for, in per cent.
        reached: The probability that it holds.  Days and per cents are whole, so it
            is often more than was asked for; it is less where the past is too short.
    """

    value: int
    asked: int
    reached: Fraction


@attrs.frozen(kw_only=True)
class Lateness:
    """
    How late an item from a supplier comes, in whole days after the due day, in UTC.

    Early is negative.  Receipts that are overdue count, as being later than now.

    Attributes:
        evidence: What it is based on.
    """

    evidence: Evidence
    _curve: Curve = attrs.field(repr=False)

    def by(self, days: int, /, *, after: int | None = None) -> Fraction:
        """
        Give the probability that a receipt is here when its due day is *days* past.

        Args:
            days: Days after the due day; that day's end is meant.
            after: It is known not to have come up to this day.

        Raises:
            InvalidValueError: if one of them is no whole number.
        """
        _require_days("days", days)
        if after is not None:
            _require_days("after", after)
        return self._curve.at_most(days, above=after)

    def quantile(self, percent: int, /, *, after: int | None = None) -> Stated | None:
        """
        Give the first day by which a receipt is here with some confidence.

        Args:
            percent: The confidence, 1 to 99.
            after: It is known not to have come up to this day.

        Returns:
            The day and the confidence that it really reaches; where nothing seen
            reaches as much, the latest day that was seen.  None if none was ever
            seen to come, or none as late as that.

        Raises:
            InvalidValueError: if one of them is no such number.
        """
        _require_percent(percent)
        if after is not None:
            _require_days("after", after)
        found = self._curve.quantile(percent, above=after)
        return None if found is None else Stated(value=found[0], asked=percent, reached=found[1])


@attrs.frozen(kw_only=True)
class Shortfall:
    """
    How much of what is ordered comes and is good, in whole per cent, rounded down.

    More than was ordered counts as all of it.

    Attributes:
        evidence: What it is based on.
    """

    evidence: Evidence
    _curve: Curve = attrs.field(repr=False)

    def keeping(self, percent: int, /) -> Fraction:
        """
        Give the probability that at least so many per cent come and are good.

        Raises:
            InvalidValueError: if it is not a whole number from 0 to 100.
        """
        problems: Problems = []
        check_whole(problems, "percent", percent, least=0)
        if not problems and percent > 100:  # noqa: PLR2004 - all of it
            refuse(problems, "percent", percent, "must be <= 100")
        raise_first(problems)
        return self._curve.at_most(100 - percent)

    def quantile(self, percent: int, /) -> Stated | None:
        """
        Give the per cent of an ordered quantity that one may count on.

        Args:
            percent: The confidence, 1 to 99.

        Returns:
            The good per cent and the confidence that it really reaches; where
            nothing seen reaches as much, the least that was seen.  None if no
            receipt was ever completed.

        Raises:
            InvalidValueError: if it is no such number.
        """
        _require_percent(percent)
        found = self._curve.quantile(percent)
        if found is None:
            return None
        return Stated(value=100 - found[0], asked=percent, reached=found[1])


@attrs.frozen(kw_only=True, slots=False, eq=False)
class Reliability:
    """
    How far scheduled receipts can be trusted; made by `Reliability.learnt`.

    Attributes:
        as_of: Up to when the past is known.

    >>> from backorderkit.model import ReceiptId
    >>> from backorderkit.model.times import read_time
    >>> past = [
    ...     PastReceipt(
    ...         id=ReceiptId(f"PO-{number}"),
    ...         sku=Sku("MUG"),
    ...         supplier="Kiln",
    ...         due=read_time("2026-01-05"),
    ...         received_at=read_time(f"2026-01-{day:02}"),
    ...         ordered=40,
    ...         received=40,
    ...     )
    ...     for number, day in enumerate([4, 5, 5, 5, 6, 6, 7, 7, 12])
    ... ]
    >>> reliability = Reliability.learnt(past, as_of=read_time("2026-02-01"))
    >>> reliability.lateness("Kiln", Sku("MUG")).quantile(75)
    Stated(value=2, asked=75, reached=Fraction(4, 5))
    """

    as_of: datetime
    _late: Levels = attrs.field(repr=False)
    _lost: Levels = attrs.field(repr=False)

    @classmethod
    def learnt(
        cls,
        past: Iterable[PastReceipt],
        *,
        as_of: datetime,
        supplier_weight: int | None = None,
        item_weight: int | None = None,
    ) -> Reliability:
        """
        Learn from receipts of the past.

        Give those that came and those that should have come: who forgets the
        overdue ones believes in suppliers that do not exist.  What happened on the
        day of *as_of* or later is not looked at, so a past may be tried out by
        moving *as_of* through it.

        What is said of an item is its own past, shrunk towards its supplier's,
        which is shrunk towards all suppliers': the wider past counts like so many
        further receipts of one's own.  How many is learnt, too, from how much
        items and suppliers differ (credibility; Bühlmann and Straub 1970).

        Args:
            past: Receipts, or their parts, in any order.
            as_of: Up to when they are known.
            supplier_weight: Receipts of a supplier's own that the past of all
                weighs; learnt if absent.
            item_weight: Receipts of an item's own that the past of its supplier
                weighs; learnt if absent.

        Raises:
            InvalidInputError: if something in *past* is no past receipt, or parts
                of one receipt disagree on what it is, from whom, or when due.
            InvalidValueError: if another argument is not what it should be.

        O(receipts x log receipts).
        """
        problems: Problems = []
        for field, weight in (("supplier_weight", supplier_weight), ("item_weight", item_weight)):
            if weight is not None:
                check_whole(problems, field, weight, least=1)
        raise_first(problems)
        require_time("as_of", as_of)
        moment = as_of.astimezone(UTC)
        learnt = lessons(as_tuple("past", past), moment.date())
        late = [((each.supplier, each.sku), each.late) for each in learnt]
        lost = [((each.supplier, each.sku), each.lost) for each in learnt]
        return cls(
            as_of=moment,
            late=Levels.of(
                [(item, seen) for item, seen in late if seen], supplier_weight, item_weight
            ),
            lost=Levels.of(
                [(item, seen) for item, seen in lost if seen], supplier_weight, item_weight
            ),
        )

    def lateness(self, supplier: str, sku: Sku, /) -> Lateness:
        """
        Say how late an item from a supplier comes.

        Raises:
            InvalidValueError: if one of them is no id.
        """
        _require_item(supplier, sku)
        return Lateness(
            evidence=self._late.evidence(supplier, sku), curve=self._late.curve(supplier, sku)
        )

    def shortfall(self, supplier: str, sku: Sku, /) -> Shortfall:
        """
        Say how much of an item from a supplier comes and is good.

        Raises:
            InvalidValueError: if one of them is no id.
        """
        _require_item(supplier, sku)
        return Shortfall(
            evidence=self._lost.evidence(supplier, sku), curve=self._lost.curve(supplier, sku)
        )

    def at(self, percent: int, /) -> AtConfidence:
        """
        Give what scheduled receipts are worth at some confidence.

        Args:
            percent: 1 to 99: of 100 such receipts, how many shall be here by the
                day; and, by itself, how many shall bring the quantity.

        Raises:
            InvalidValueError: if it is no such number.
        """
        _require_percent(percent)
        return AtConfidence(percent=percent, reliability=self)


@attrs.frozen(kw_only=True, eq=False)
class AtConfidence:
    """
    What scheduled receipts are worth at some confidence; made by `Reliability.at`.

    Attributes:
        percent: The confidence asked for.
    """

    percent: int
    _reliability: Reliability = attrs.field(repr=False)

    def expectation(self, receipt: ScheduledReceipt, /, *, as_of: datetime) -> Expectation:
        """
        Say what a receipt is worth, beside its face value.

        That it is not here by now counts: of what should have come a week ago,
        only such are compared as came a week late or later.

        Raises:
            InvalidValueError: if *receipt* is none, or *as_of* no time.
        """
        if not isinstance(receipt, ScheduledReceipt):
            reason = "must be of type ScheduledReceipt"
            raise InvalidValueError(field="receipt", value=receipt, reason=reason)
        require_time("as_of", as_of)
        late = self._reliability.lateness(receipt.supplier, receipt.sku)
        lost = self._reliability.shortfall(receipt.supplier, receipt.sku)
        elapsed = (as_of.astimezone(UTC).date() - receipt.due.date()).days
        day = late.quantile(self.percent, after=elapsed - 1)
        good = lost.quantile(self.percent)
        due: datetime | None = receipt.due
        if day is not None:
            due = _later(receipt.due, day.value)
        elif late.evidence.level != "nothing":
            due = None
        return Expectation(
            receipt=receipt,
            asked=self.percent,
            due=due,
            due_reached=None if day is None else day.reached,
            due_evidence=late.evidence,
            quantity=receipt.quantity * (100 if good is None else good.value) // 100,
            quantity_reached=None if good is None else good.reached,
            quantity_evidence=lost.evidence,
        )

    def expected(self, receipt: ScheduledReceipt, /, *, as_of: datetime) -> ScheduledReceipt | None:
        """
        Give the receipt as one may count on it: moved and reduced.

        Returns:
            The receipt, or None if it is not to be counted on, since none ever came
            as late as this one is, or nothing is left of it.

        Raises:
            InvalidValueError: if *receipt* is none, or *as_of* no time.
        """
        return self.expectation(receipt, as_of=as_of).expected


def _later(due: datetime, days: int) -> datetime | None:
    try:
        return due + timedelta(days=days)
    except OverflowError:
        return None


def _require_percent(percent: object) -> None:
    if type(percent) is not int or not 1 <= percent <= MOST_PERCENT:
        reason = f"must be a whole number from 1 to {MOST_PERCENT}"
        raise InvalidValueError(field="percent", value=percent, reason=reason)


def _require_days(field: str, days: object) -> None:
    if type(days) is not int:
        raise InvalidValueError(field=field, value=days, reason="must be a whole number")


def _require_item(supplier: object, sku: object) -> None:
    problems: Problems = []
    check_label(problems, "supplier", supplier)
    check_text(problems, "sku", sku)
    raise_first(problems)
