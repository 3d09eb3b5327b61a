"""Checks a policy's answer right where it comes back."""

from __future__ import annotations

from collections.abc import Sequence
from operator import le

from backorderkit.errors import PolicyViolationError
from backorderkit.policies.protocol import AllocationPolicy, Demand, holds_back, policy_name
from backorderkit.policies.queue import Queue


def verified_shares(policy: AllocationPolicy, supply: int, demands: Queue) -> Sequence[int]:
    """
    Ask a policy and check its answer against the clauses P1, P2, P3 and P5.

    Raises:
        PolicyViolationError: naming the first clause that the answer broke.
    """
    shares = policy.share(supply, demands)
    limits = demands.limits
    if not isinstance(shares, Sequence) or len(shares) != len(limits):
        raise _violation(policy, "P1", supply, demands, f"answered {shares!r}")
    # These whole-column checks run in C: about a tenth of the cost of a loop.
    if set(map(type, shares)) != {int} or min(shares) < 0 or not all(map(le, shares, limits)):
        raise _violation(policy, "P2", supply, demands, _first_bad_share(shares, demands))
    given = sum(shares)
    if given > supply:
        raise _violation(policy, "P3", supply, demands, f"gave {given} in all")
    if given < supply and given < sum(limits) and not holds_back(policy):
        raise _violation(policy, "P5", supply, demands, f"gave only {given}")
    return shares


def _first_bad_share(shares: Sequence[object], demands: Sequence[Demand]) -> str:
    for share, demand in zip(shares, demands, strict=True):
        if type(share) is not int or not 0 <= share <= demand.limit:
            return f"gave {share!r} to {_line(demand)}, whose limit is {demand.limit}"
    raise AssertionError(shares)


def _violation(
    policy: AllocationPolicy, clause: str, supply: int, demands: Sequence[Demand], answer: str
) -> PolicyViolationError:
    question = f"asked to share {supply} among {len(demands)} demands"
    if demands:
        question += f" of SKU {demands[0].line.sku} with limits summing to "
        question += str(sum(demand.limit for demand in demands))
    return PolicyViolationError(
        policy=policy_name(policy), clause=clause, detail=f"{question}, it {answer}"
    )


def _line(demand: Demand) -> str:
    return f"order {demand.order.id}, line {demand.line.id}"
