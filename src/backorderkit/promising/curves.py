"""How probable each outcome is, from counts; also where some outcomes are not known yet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm
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


@attrs.frozen(slots=False)
class Curve:
    """
    The probability that an outcome is at most so much: steps at whole numbers.

    Attributes:
        values: Where the steps are, ascending.
        reached: The probability from each step on, ascending.  The last may stay
            below 1: the rest is what nobody has seen.
    """

    values: tuple[int, ...] = ()
    reached: tuple[Fraction, ...] = ()

    def at_most(self, value: int) -> Fraction:
        """Give the probability of an outcome up to *value*."""
        place = bisect_right(self.values, value)
        return self.reached[place - 1] if place else Fraction(0)

    def quantile(self, share: Fraction, *, above: int | None = None) -> tuple[int, Fraction] | None:
        """
        Give the least outcome that is reached with probability *share*, and what it reaches.

        Where nothing reaches as much, it is the greatest outcome that was seen.

        Args:
            share: The probability asked for.
            above: The outcome is known to lie above this.

        Returns:
            The outcome and its probability; None if none was seen (above that).
        """
        gone = Fraction(0) if above is None else self.at_most(above)
        if not self.reached or self.reached[-1] == gone:
            return None
        place = bisect_left(self.reached, gone + share * (1 - gone))
        place = min(place, bisect_left(self.reached, self.reached[-1]))
        return self.values[place], (self.reached[place] - gone) / (1 - gone)

    @cached_property
    def whole(self) -> int:
        """What `rests` are parts of."""
        return min(lcm(*(each.denominator for each in self.reached)), _FINEST)

    @cached_property
    def rests(self) -> tuple[int, ...]:
        """What is left beyond each step; rounded up if it would be too fine."""
        return tuple(
            -((each.numerator - each.denominator) * self.whole // each.denominator)
            for each in self.reached
        )


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

    >>> blended([Seen(0, 9), Seen(0, 9), Seen(4, 9)]).reached
    (Fraction(1, 2), Fraction(3, 4))
    """
    came = Counter(each.value for each in seen if each.value is not None)
    ends = sorted(each.until if each.value is None else each.value for each in seen)
    shares = dict(zip(prior.values, prior.rests, strict=True))
    prior_left = whole = prior.whole
    reached: list[Fraction] = []
    left, of = 1, 1
    values = sorted(came.keys() | shares.keys())
    for value in values:
        watched = (len(ends) - bisect_left(ends, value)) * whole + weight * prior_left
        prior_now = shares.get(value, prior_left)
        happened = came[value] * whole + weight * (prior_left - prior_now)
        prior_left = prior_now
        if happened:
            left, of = _tamed(left * (watched - happened), of * watched)
        reached.append(Fraction(of - left, of))
    return Curve(tuple(values), tuple(reached))


def _tamed(part: int, whole: int) -> tuple[int, int]:
    """Shorten a fraction; what is too fine then is rounded up, so what is kept is less."""
    common = gcd(part, whole)
    part, whole = part // common, whole // common
    return (part, whole) if whole <= _FINEST else (-(-part * _FINEST // whole), _FINEST)
