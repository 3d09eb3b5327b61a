"""Checks a policy's answer right where it comes back."""

from __future__ import annotations

from collections.abc import Sequence
from operator import le

from backorderkit.errors import PolicyViolationError, shown
from backorderkit.policies.protocol import AllocationPolicy, Demand, holds_back, policy_name
from backorderkit.policies.queue import Queue


def verified_shares(policy: AllocationPolicy, supply: int, demands: Queue) -> Sequence[int]:
    """
    Ask a policy and check its answer against the clauses P1, P2, P3 and P5.

    Raises:
        PolicyViolationError: naming the first clause that the answer broke.
        Exception: whatever the policy raised, with the question as a note.
    """
    limits = demands.limits
    try:
        answer: object = policy.share(supply, demands)
    except Exception as error:
        error.add_note(f"policy {policy_name(policy)!r} was {_question(supply, demands)}")
        raise
    # These whole-column checks run in C: about a tenth of the cost of a loop.
    if type(answer) is list or isinstance(answer, Sequence):
        shares = tuple(answer)
        if (
            len(shares) == len(limits)
            and set(map(type, shares)) == {int}
            and min(shares) >= 0
            and all(map(le, shares, limits))
        ):
            given = sum(shares)
            if given == supply:
                return shares
            if given < supply and (given == sum(limits) or holds_back(policy)):
                return shares
        answer = shares
    clause, what = fault_of(answer, supply, demands, may_hold_back=holds_back(policy)) or ("P1", "")
    raise PolicyViolationError(
        policy=policy_name(policy),
        clause=clause,
        detail=f"{_question(supply, demands)}, it {what}",
    )


def fault_of(
    answer: object, supply: int, demands: Sequence[Demand], *, may_hold_back: bool
) -> tuple[str, str] | None:
    """Name the first of the clauses P1, P2, P3 and P5 that an answer breaks, and how."""
    if not isinstance(answer, Sequence) or len(answer) != len(demands):
        return "P1", f"answered {shown(answer)}, not one share for each demand"
    for share, demand in zip(answer, demands, strict=True):
        if type(share) is not int or not 0 <= share <= demand.limit:
            return "P2", f"gave {shown(share)} to {called(demand)}, whose limit is {demand.limit}"
    given, wanted = sum(answer), sum(demand.limit for demand in demands)
    if given > supply:
        return "P3", f"gave {given} in all"
    if given < min(supply, wanted) and not may_hold_back:
        return "P5", f"gave only {given} while {wanted} were wanted"
    return None


def called(demand: Demand) -> str:
    """Name a demand in a sentence."""
    return f"order {demand.order.id}, line {demand.line.id}"


def _question(supply: int, demands: Sequence[Demand]) -> str:
    return (
        f"asked to share {supply} among {len(demands)} demands of SKU {demands[0].line.sku}"
        f" with limits summing to {sum(demand.limit for demand in demands)}"
    )
