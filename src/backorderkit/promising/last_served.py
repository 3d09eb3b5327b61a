"""A policy under which one order gets what nobody else wants."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from backorderkit.model.ids import OrderId
from backorderkit.planning.prepared import goes_by_sums
from backorderkit.policies.protocol import AllocationPolicy, Demand, Law, declared_laws, holds_back
from backorderkit.policies.queue import Queue
from backorderkit.policies.verify import verified_shares


@attrs.frozen(kw_only=True)
class LastServed:
    """
    Shares as another policy does, and gives what is left to one order.

    What such an order gets is what can be promised: nobody else notices it.

    Attributes:
        within: Shares among all others.
        order: Who comes last.
    """

    within: AllocationPolicy
    order: OrderId

    @property
    def name(self) -> str:
        """How plans show it."""
        return f"last-served({self.order})"

    @property
    def holds_back(self) -> bool:
        """Whether units may stay over."""
        return holds_back(self.within)

    @property
    def laws(self) -> frozenset[Law]:
        """What the others' policy keeps."""
        return declared_laws(self.within)

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        """Let the others share, and give the order what is left."""
        shares = [0] * len(demands)
        queue = demands if isinstance(demands, Queue) else Queue.of(demands)
        others = [place for place, each in enumerate(queue) if each.order.id != self.order]
        if others:
            asked = queue if len(others) == len(shares) else queue.take(others)
            for place, share in zip(
                others, verified_shares(self.within, supply, asked), strict=True
            ):
                shares[place] = share
        left = supply - sum(shares)
        for place in sorted(set(range(len(shares))) - set(others)):
            shares[place] = min(left, queue.limits[place])
            left -= shares[place]
        return shares


def probing_policy(policy: AllocationPolicy, order: OrderId) -> AllocationPolicy:
    """Give a policy as it is, but for one order, which comes last."""
    if goes_by_sums(policy):
        # Whoever came last, with the last priority, is served last anyway.
        return policy
    return LastServed(within=policy, order=order)
