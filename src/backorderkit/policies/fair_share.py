"""Policies under which everybody gets part of a shortage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import neg, sub
from typing import Final, Literal

import attrs

from backorderkit.errors import InvalidValueError, PolicyViolationError, shown
from backorderkit.policies.filling import fill_by_weight, fill_to_level
from backorderkit.policies.protocol import ALL_LAWS, Demand, Law
from backorderkit.policies.queue import Queue, share_in_fifo_order
from backorderkit.policies.verify import called

Rule = Literal["proportional", "equal", "equal-losses"]
"""How a shortage is shared; see `FairShare`."""

RULES: Final[tuple[Rule, ...]] = ("proportional", "equal", "equal-losses")


@attrs.frozen(kw_only=True)
class FairShare:
    """
    Shares a shortage by a rule, in whole units; priorities play no part.

    What a line already got counts, so a shortage that arrives in three
    deliveries is shared as if it had come in one.  Ties go to the older line.

    Args:
        rule: ``"proportional"`` (the default): the next unit goes to the largest
            claim / (2 x got + 1), Webster's method, near to equal percentages.
            ``"equal"``: to whoever has least (constrained equal awards); asking
            for more than wanted does not pay.  ``"equal-losses"``: to whoever
            lacks most, which protects large orders.
        weights: For ``"equal"`` only: a positive whole number for each demand;
            the next unit then goes to the largest weight / (2 x got + 1).  It
            must not look at what was got or at the limit.

    Raises:
        InvalidValueError: on an unknown rule, weights that are no function, or weights
            with another rule than ``"equal"``.

    >>> two = [Demand.of("A", claim=6), Demand.of("B", claim=2)]
    >>> FairShare().share(4, two)
    [3, 1]
    >>> FairShare(rule="equal").share(4, two)
    [2, 2]
    >>> FairShare(rule="equal-losses").share(4, two)
    [4, 0]
    """

    rule: Rule = "proportional"
    weights: Callable[[Demand], int] | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse an unknown rule and weights that would be ignored."""
        if self.rule not in RULES:
            reason = f"must be one of {', '.join(RULES)}"
            raise InvalidValueError(field="rule", value=self.rule, reason=reason)
        if self.weights is not None and not callable(self.weights):
            reason = "must be a function of a demand"
            raise InvalidValueError(field="weights", value=self.weights, reason=reason)
        if self.weights is not None and self.rule != "equal":
            reason = 'must be "equal" when weights are given'
            raise InvalidValueError(field="rule", value=self.rule, reason=reason)

    @property
    def name(self) -> str:
        """``fair-share``, and the rule if it is not the default one."""
        if self.weights is not None:
            return "fair-share equal weighted"
        return "fair-share" if self.rule == "proportional" else f"fair-share {self.rule}"

    @property
    def laws(self) -> frozenset[Law]:
        """All; equal shares alone are strategy-proof, since weights may look at the claim."""
        if self.rule == "equal" and self.weights is None:
            return ALL_LAWS
        return ALL_LAWS - {Law.STRATEGY_PROOF}

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        """
        Share by the rule.  O(n log n).

        Raises:
            PolicyViolationError: if a weight is not a positive whole number.
        """
        return share_in_fifo_order(supply, demands, self._share)

    def _share(self, supply: int, queue: Queue) -> list[int]:
        match self.rule:
            case "proportional":
                claims = queue.claims
                gots = list(map(sub, claims, queue.wants))
                return fill_by_weight(supply, claims, gots, queue.limits)
            case "equal" if self.weights is not None:
                weights = [_weight(self, demand, self.weights(demand)) for demand in queue]
                return fill_by_weight(supply, weights, queue.gots, queue.limits)
            case "equal":
                return fill_to_level(supply, queue.gots, queue.limits)
            case "equal-losses":
                # Whoever wants most stands lowest.
                return fill_to_level(supply, list(map(neg, queue.wants)), queue.limits)


def _weight(policy: FairShare, demand: Demand, weight: object) -> int:
    if type(weight) is not int or weight < 1:
        detail = f"the weight of {called(demand)} is {shown(weight)}"
        raise PolicyViolationError(
            policy=policy.name, clause="weights", detail=f"{detail}, not a positive whole number"
        )
    return weight
