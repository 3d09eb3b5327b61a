"""Is what is stated kept?  Learnt on the first half of a past, tried on the second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from math import sqrt
from statistics import fmean

import attrs

from backorderkit import ScheduledReceipt
from backorderkit.promising import Reliability
from tests.benchmarks.past import Delivery

Z99 = 2.5758
"""Of the normal distribution, 99 % lie within so many standard deviations."""

_Told = tuple[Fraction, bool, int]


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


def middle_of(past: Iterable[Delivery]) -> datetime:
    """Give the middle of the time in which receipts were ordered."""
    times = [each.ordered_at for each in past]
    return min(times) + (max(times) - min(times)) / 2


def half_of(past: Iterable[Delivery]) -> datetime:
    """Give when half of the receipts were ordered."""
    times = sorted(each.ordered_at for each in past)
    return times[len(times) // 2]


def try_dates(
    past: Iterable[Delivery],
    reliability: Reliability,
    end: datetime,
    percents: Iterable[int],
    days: int | None = None,
) -> Iterator[Trial]:
    """
    Try the dates of receipts ordered after what was learnt.

    Args:
        past: All receipts.
        reliability: What was learnt of the first of them.
        end: Up to when it is known what came.
        percents: The confidences.
        days: When the question is asked: so many days after the due day, of what is
            not here by then; when the receipt is ordered if absent.
    """
    half = reliability.as_of
    asked = [
        (each, each.ordered_at if days is None else each.first.due + timedelta(days=days))
        for each in past
        if each.ordered_at >= half and (days is None or each.late is None or each.late >= days)
    ]
    for percent in percents:
        confidence = reliability.at(percent)
        found: list[_Told] = []
        for each, now in asked:
            told = confidence.expectation(_at_face_value(each), as_of=now)
            assert told.due is not None
            assert told.due_reached is not None
            # Whether a later date was kept nobody knows yet.
            if told.due + timedelta(days=1) <= end:
                shift = (told.due - told.face_due).days
                kept = each.late is not None and each.late <= shift
                found.append((told.due_reached, kept, shift))
        yield _trial(percent, found)


def try_quantities(
    past: Iterable[Delivery], half: datetime, percents: Iterable[int]
) -> Iterator[Trial]:
    """Try the quantities of receipts ordered in the second half."""
    reliability = learn(past, half)
    for percent in percents:
        found: list[_Told] = []
        for each in past:
            if each.ordered_at >= half and each.late is not None:
                first = each.first
                told = reliability.shortfall(first.supplier, first.sku).quantile(percent)
                assert told is not None
                enough = 100 * each.good >= told.value * each.ordered
                found.append((told.reached, enough, told.value))
        yield _trial(percent, found)


def error_of(past: Iterable[Delivery], half: datetime, weight: int | None) -> float:
    """
    Give the mean squared error of the probability that a receipt comes whole and good.

    The score of Brier (1950), of receipts ordered in the second half; less is better.
    """
    known = [part for each in past if each.ordered_at < half for part in each.parts]
    reliability = Reliability.learnt(known, as_of=half, supplier_weight=weight)
    return fmean(
        (
            float(reliability.shortfall(each.first.supplier, each.first.sku).keeping(100))
            - (each.good >= each.ordered)
        )
        ** 2
        for each in past
        if each.ordered_at >= half
    )


def _at_face_value(delivery: Delivery) -> ScheduledReceipt:
    first = delivery.first
    return ScheduledReceipt(
        id=first.id,
        sku=first.sku,
        quantity=delivery.ordered,
        due=first.due,
        supplier=first.supplier,
    )


def _trial(percent: int, found: Sequence[_Told]) -> Trial:
    tried = len(found)
    return Trial(
        percent,
        float(sum(stated for stated, _, _ in found)) / tried,
        sum(kept for _, kept, _ in found),
        tried,
        sum(shift for _, _, shift in found) / tried,
    )
