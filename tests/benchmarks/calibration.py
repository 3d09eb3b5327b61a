"""Is what is stated kept?  Learnt on the first half of a past, tried on the second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from math import sqrt

import attrs

from backorderkit import ScheduledReceipt
from backorderkit.promising import Reliability
from tests.benchmarks.past import Delivery

Z99 = 2.5758
"""Of the normal distribution, 99 % lie within so many standard deviations."""


@attrs.frozen
class Trial:
    """
    How often what was stated at one confidence was kept.

    Attributes:
        asked: The confidence asked for, in per cent.
        stated: The mean of what was stated to be reached.
        kept: How many receipts kept it.
        tried: Of how many.  A receipt counts once, however many parts it has.
        shift: The mean of what was promised: days late, or good per cent.
    """

    asked: int
    stated: float
    kept: int
    tried: int
    shift: float

    @property
    def share(self) -> float:
        return self.kept / self.tried

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies with 99 % confidence (Wilson 1927)."""
        spread = Z99 * Z99 / self.tried
        middle = (self.share + spread / 2) / (1 + spread)
        half = sqrt(spread * (self.share * (1 - self.share) + spread / 4)) / (1 + spread)
        return middle - half, middle + half

    @property
    def is_honest(self) -> bool:
        low, high = self.interval
        return low <= self.stated <= high


def learn(past: Iterable[Delivery], as_of: datetime) -> Reliability:
    """Learn from what was known at some moment."""
    known = (each for each in past if each.ordered_at < as_of)
    return Reliability.learnt((part for each in known for part in each.parts), as_of=as_of)


def half_of(past: Iterable[Delivery]) -> datetime:
    """Give when half of all receipts were ordered."""
    times = sorted(each.ordered_at for each in past)
    return times[len(times) // 2]


def try_dates(
    past: Sequence[Delivery], percents: Iterable[int], end: datetime, days: int | None = None
) -> Iterator[Trial]:
    """
    Try the dates of the second half.

    Args:
        past: All receipts.
        percents: The confidences.
        end: Up to when it is known what came.
        days: When the question is asked: so many days after the due day, of what is
            not here by then; when the receipt is ordered if absent.
    """
    half = half_of(past)
    reliability = learn(past, half)
    later = [each for each in past if each.ordered_at >= half]
    for percent in percents:
        confidence = reliability.at(percent)
        found: list[tuple[Fraction, bool, int]] = []
        for each in later:
            due = each.first.due
            asked_at = each.ordered_at if days is None else due + timedelta(days=days)
            receipt = _at_face_value(each)
            if (each.late is not None and days is not None and each.late < days) or asked_at >= end:
                continue
            told = confidence.expectation(receipt, as_of=asked_at)
            assert told.due is not None
            assert told.due_reached is not None
            # Whether a later date was kept nobody knows yet.
            if told.due + timedelta(days=1) <= end:
                shift = (told.due - due).days
                found.append(
                    (told.due_reached, each.late is not None and each.late <= shift, shift)
                )
        yield _trial(percent, found)


def try_quantities(past: Sequence[Delivery], percents: Iterable[int]) -> Iterator[Trial]:
    """Try the quantities of the second half."""
    half = half_of(past)
    reliability = learn(past, half)
    later = [each for each in past if each.ordered_at >= half and each.late is not None]
    for percent in percents:
        confidence = reliability.at(percent)
        found: list[tuple[Fraction, bool, int]] = []
        for each in later:
            told = confidence.expectation(_at_face_value(each), as_of=each.ordered_at)
            assert told.quantity_reached is not None
            good = reliability.shortfall(each.first.supplier, each.first.sku).quantile(percent)
            assert good is not None
            enough = 100 * each.good >= good.value * each.ordered
            found.append((told.quantity_reached, enough, good.value))
        yield _trial(percent, found)


def _at_face_value(delivery: Delivery) -> ScheduledReceipt:
    first = delivery.first
    return ScheduledReceipt(
        id=first.id,
        sku=first.sku,
        quantity=delivery.ordered,
        due=first.due,
        supplier=first.supplier,
    )


def _trial(percent: int, found: Sequence[tuple[Fraction, bool, int]]) -> Trial:
    tried = len(found)
    return Trial(
        percent,
        float(sum(stated for stated, _, _ in found)) / tried,
        sum(kept for _, kept, _ in found),
        tried,
        sum(shift for _, _, shift in found) / tried,
    )
