"""How probable each outcome is, from counts; also where some outcomes are not known yet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from operator import neg
from typing import Final

import attrs

_FINEST: Final = 10**12
"""The largest denominator of a probability; the products of many grow without bound."""


@attrs.frozen
class Seen:
    """
    What is known of one receipt's outcome, a whole number: less is better.

    Attributes:
        value: The outcome; None if all that is known is that it lies beyond *until*.
        until: Up to where it would have been seen; never below *value*.
    """

    value: int | None
    until: int


@attrs.frozen
class Curve:
    """
    The probability that an outcome is at most so much: steps at whole numbers.

    Attributes:
        values: Where the steps are, ascending.
        rests: The probability that is left beyond each step, descending, in parts of
            *whole*.  The last may stay above 0: it is what nobody has seen.
        whole: Certainty.
    """

    values: tuple[int, ...] = ()
    rests: tuple[int, ...] = ()
    whole: int = 1

    def at_most(self, value: int, *, above: int | None = None) -> Fraction:
        """Give the probability of an outcome up to *value*, known to lie above *above*."""
        before = self._beyond(above)
        return 1 - Fraction(min(self._beyond(value), before), before) if before else Fraction(1)

    def quantile(self, percent: int, *, above: int | None = None) -> tuple[int, Fraction] | None:
        """
        Give the least outcome with enough probability, and what that is.

        Where nothing has as much, it is the greatest outcome that was seen.

        Args:
            percent: The probability asked for.
            above: The outcome is known to lie above this.

        Returns:
            The outcome and its probability; None if none was seen (above that).
        """
        before = self._beyond(above)
        if not self.rests or self.rests[-1] == before:
            return None
        most = max(before * (100 - percent) // 100, self.rests[-1])
        place = bisect_left(self.rests, -most, key=neg)
        return self.values[place], Fraction(before - self.rests[place], before)

    def _beyond(self, value: int | None) -> int:
        place = 0 if value is None else bisect_right(self.values, value)
        return self.rests[place - 1] if place else self.whole


NOTHING: Final = Curve()
"""The curve of what never happens."""


def blended(seen: Sequence[Seen], prior: Curve = NOTHING, weight: int = 1) -> Curve:
    """
    Estimate the curve behind some outcomes, shrunk towards a more general one.

    The prior counts like *weight* further receipts that are spread as it is.  Of
    the two together it is the product-limit estimate: what is still open counts
    among those that may have an outcome, as far as it was watched.  Without open
    ones that is (own count + weight x prior) / (own number + weight), and with the
    default prior k of n outcomes reach k / (n + 1), the probability that one more
    of the same kind is no worse than the k-th (Wilks 1941).

    Sources: Kaplan and Meier, JASA 53 (1958), 457-481; Susarla and Van Ryzin, JASA
    71 (1976), 897-902, for the prior.

    O(outcomes x log outcomes + steps).

    >>> blended([Seen(0, 9), Seen(0, 9), Seen(4, 9)])
    Curve(values=(0, 4), rests=(2, 1), whole=4)
    """
    came = Counter(each.value for each in seen if each.value is not None)
    ends = sorted(each.until if each.value is None else each.value for each in seen)
    prior_rests = dict(zip(prior.values, prior.rests, strict=True))
    prior_left = whole = prior.whole
    values = sorted(came.keys() | prior_rests.keys())
    rests: list[tuple[int, int]] = []
    left, of = 1, 1
    for value in values:
        watched = (len(ends) - bisect_left(ends, value)) * whole + weight * prior_left
        prior_now = prior_rests.get(value, prior_left)
        happened = came[value] * whole + weight * (prior_left - prior_now)
        prior_left = prior_now
        if happened:
            left, of = _tamed(left * (watched - happened), of * watched)
        rests.append((left, of))
    # More than that is left of what is too fine: what is stated is less then.
    fine = min(lcm(*(of for _, of in rests)), _FINEST)
    return Curve(tuple(values), tuple(-(-left * fine // of) for left, of in rests), fine)


def _tamed(part: int, whole: int) -> tuple[int, int]:
    """Shorten a fraction; what is too fine even so is rounded up."""
    common = gcd(part, whole)
    part, whole = part // common, whole // common
    return (part, whole) if whole <= _FINEST else (-(-part * _FINEST // whole), _FINEST)
