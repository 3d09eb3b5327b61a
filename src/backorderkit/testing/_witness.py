"""Asks a policy, and refutes it where its answer breaks a clause or where two answers differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from backorderkit.model import OrderId
from backorderkit.policies import AllocationPolicy, Demand
from backorderkit.policies.protocol import holds_back
from backorderkit.policies.queue import Queue
from backorderkit.policies.verify import fault_of
from backorderkit.testing._cases import name, table

Shares = Mapping[tuple[OrderId, str], int]
"""What was given, by order and line; a mapping cannot confuse places."""


class RefutedError(Exception):
    """A policy broke a clause or a law; internal to this kit."""

    def __init__(self, *, clause: str, claim: str, case: str) -> None:
        """Take the clause, what happened in a sentence, and the table of the case."""
        super().__init__(clause)
        self.clause = clause
        self.detail = f"{claim}\n\n{case}\n"


class RaisedError(Exception):
    """A policy raised something of its own; internal to this kit."""

    def __init__(self, *, cause: Exception, detail: str) -> None:
        """Take what it raised and to which question."""
        super().__init__(detail)
        self.cause = cause
        self.detail = detail


@attrs.frozen(kw_only=True)
class Witness:
    """Asks a policy, and checks every answer against the clauses P1, P2, P3 and P5."""

    policy: AllocationPolicy

    def ask(self, supply: int, demands: Sequence[Demand]) -> Shares:
        """
        Ask with a plain list, made anew, in the order given.

        Raises:
            RefutedError: if the answer breaks one of these clauses.
            RaisedError: if there is no answer.
        """
        return self._checked(supply, demands, list(demands))

    def ask_as_plan_does(self, supply: int, demands: Sequence[Demand]) -> Shares:
        """Ask with the sequence in FIFO order that `plan` hands to policies."""
        oldest_first = sorted(demands, key=lambda demand: demand.fifo_key)
        return self._checked(supply, oldest_first, Queue.of(oldest_first))

    def _checked(self, supply: int, demands: Sequence[Demand], given: Sequence[Demand]) -> Shares:
        question = f"asked to share {supply} in a {type(given).__name__.lower()}"
        try:
            answer: object = self.policy.share(supply, given)
        except Exception as error:  # noqa: BLE001 - whatever a foreign policy raises is passed on
            detail = f"{question}, the policy raised\n\n{table(demands, {})}\n"
            raise RaisedError(cause=error, detail=detail) from None
        may_hold_back = holds_back(self.policy)
        fault = fault_of(answer, supply, demands, may_hold_back=may_hold_back)
        shares = _by_name(demands, answer)
        if fault is not None:
            clause, what = fault
            case = table(demands, {"share": shares} if len(shares) == len(demands) else {})
            raise RefutedError(clause=clause, claim=f"{question}, it {what}", case=case)
        return shares


def _by_name(demands: Sequence[Demand], answer: object) -> dict[tuple[OrderId, str], int]:
    if not isinstance(answer, Sequence) or len(answer) != len(demands):
        return {}
    return dict(zip(map(name, demands), answer, strict=True))
