"""What was chosen, what it is worth, and how to plan with it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model.ids import OrderId
from backorderkit.policies.protocol import (
    AllocationPolicy,
    Demand,
    holds_back,
    policy_name,
    require_policy,
)
from backorderkit.policies.ranked import Fifo, Ranked


@attrs.frozen(kw_only=True)
class Choice:
    """
    Which orders are to be completed now; made by `choose_orders` and `take_in_order`.

    Attributes:
        orders: Those chosen, first come first.  Together the stock on hand is enough for
            all that they still want.
        value: What they are worth: orders, smallest units, weights, or money.
        bound: No choice is worth more.
        currency: The currency of the value, where it is money and there was an order.
        is_settled: Whether this is the one answer that the rule for ties gives.  If not,
            the effort ran out, and another version of the solver may answer otherwise.
        by: Who chose: the solver with its version, or ``"queue order"``.
    """

    orders: tuple[OrderId, ...]
    value: int | Decimal
    bound: int | Decimal
    currency: str | None = None
    is_settled: bool
    by: str
    _chosen: frozenset[OrderId] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Keep the orders for looking them up."""
        object.__setattr__(self, "_chosen", frozenset(self.orders))

    @property
    def is_optimal(self) -> bool:
        """Whether it is proven that no choice is worth more."""
        return self.value == self.bound

    @property
    def gap(self) -> Fraction:
        """Which part of the bound may be missing at most; 0 where it is optimal."""
        return Fraction(0) if self.is_optimal else 1 - Fraction(self.value) / Fraction(self.bound)

    def rank(self, demand: Demand, /) -> int:
        """
        Give 0 for a line of a chosen order and 1 for any other: a key for `Ranked`.

        >>> choice = Choice(orders=(OrderId("B"),), value=1, bound=1, is_settled=True, by="me")
        >>> choice.rank(Demand.of("A", claim=1)), choice.rank(Demand.of("B", claim=1))
        (1, 0)
        """
        return 0 if demand.order.id in self._chosen else 1

    def policy(self, within: AllocationPolicy = Fifo()) -> Ranked:  # noqa: B008 - it is frozen
        """
        Give a policy that completes the chosen orders, and lets the others have the rest.

        A plan of the snapshot that was chosen from allocates to every chosen order all
        that it wants.  The others get parts of what is left, by *within*; what such parts
        are given they keep, so ship rules go around this policy where they must not.

        Args:
            within: Who gets what of the rest.

        Raises:
            InvalidValueError: if it is no policy, a mode of plans, or one that holds units
                back: chosen orders might miss them.
        """
        require_policy(within, field="within")
        if holds_back(within):
            reason = "must not hold units back, which chosen orders might miss"
            raise InvalidValueError(field="within", value=within, reason=reason)
        name = f"chosen orders first, {policy_name(within)} within"
        return Ranked(key=self.rank, within=within, name=name)
