"""
Checks any plan against its snapshot, and shares no code with what makes plans.

It knows the values of the model and nothing of policies or planning: what it finds
was not found by the planner marking its own homework.  Read it in an hour: each
check is a function whose docstring says what holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import attrs

from backorderkit.checking import contracts, entries, limits, shipping, supply
from backorderkit.checking.cases import Case, Found
from backorderkit.checking.documents import (
    PlanDocument,
    PlannedBlocker,
    PlannedBreak,
    PlannedLine,
    PlannedSums,
)
from backorderkit.checking.rules import AgreedRules
from backorderkit.errors import InvalidValueError, on_one_line
from backorderkit.model.snapshot import Snapshot

__all__ = [
    "CHECKS",
    "AgreedRules",
    "Check",
    "Finding",
    "Findings",
    "PlanDocument",
    "PlannedBlocker",
    "PlannedBreak",
    "PlannedLine",
    "PlannedSums",
    "check_plan",
]


@attrs.frozen(kw_only=True)
class Check:
    """
    One thing that holds of every plan.

    Attributes:
        number: ``C1``, ``C2``, ...; it never changes its meaning.
        name: In a word.
        find: Gives what is against it.
        needs_rules: Whether it says nothing where the rules of a plan are not known.
    """

    number: str
    name: str
    find: Callable[[Case], Iterator[Found]] = attrs.field(repr=False)
    needs_rules: bool = False

    @property
    def claim(self) -> str:
        """What holds, in a sentence."""
        return " ".join((self.find.__doc__ or "").partition("\n\n")[0].split())


_NEED_RULES: Final = frozenset(
    {
        contracts.contracts,
        limits.quotas,
        limits.protections,
        limits.buffers,
        limits.horizon,
        shipping.parts,
        shipping.together,
        shipping.grounds,
    }
)

CHECKS: Final = tuple(
    Check(number=f"C{place}", name=find.__name__, find=find, needs_rules=find in _NEED_RULES)
    for place, find in enumerate(
        (
            entries.moment,
            entries.lines,
            entries.order,
            entries.conservation,
            entries.totals,
            entries.replay,
            entries.backorders,
            entries.kept,
            supply.places,
            supply.stock,
            supply.receipts,
            supply.dates,
            supply.idle,
            supply.service,
            contracts.contracts,
            contracts.broken,
            limits.quotas,
            limits.protections,
            limits.buffers,
            limits.horizon,
            shipping.parts,
            shipping.together,
            shipping.grounds,
        ),
        start=1,
    )
)
"""All checks, in the order in which they are made.  New ones are added at the end."""


@attrs.frozen(kw_only=True)
class Finding:
    """
    Something that a check has against a plan, or a note of it.

    Attributes:
        number: Of the check.
        name: Of the check.
        about: Which line, pool, receipt or entry.
        text: What is wrong, with the numbers.
    """

    number: str
    name: str
    about: str
    text: str

    def __str__(self) -> str:
        """Say it in one line."""
        return on_one_line(f"{self.number} {self.name}: {self.about}: {self.text}")


@attrs.frozen(kw_only=True)
class Findings:
    """
    What all checks have against a plan.

    Attributes:
        faults: What is wrong, check by check.
        notes: Units that lie idle because a rule that the plan names holds them back.
    """

    faults: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def check_plan(
    snapshot: Snapshot, document: PlanDocument, *, rules: AgreedRules | None = None
) -> Findings:
    """
    Check that a plan is one of a snapshot: every check of `CHECKS`.

    What it does not say: that the shares of a policy other than ``fifo`` and
    ``priority`` are those of that policy; that the sentences are right; where free
    lines take their units, as long as the units are there.

    Args:
        snapshot: What was planned.
        document: The plan, of all its SKUs.
        rules: What the plan must keep to, see `backorderkit.formats.rules_to_check`; None
            if that is not known: then checks that need them say nothing of it.

    Raises:
        InvalidValueError: if it is given something else.

    O(lines x log lines), and for each receipt the open lines of its SKU.

    >>> from backorderkit.formats import loads_plan, loads_snapshot
    >>> shop = loads_snapshot('{"as_of": "2026-01-05"}')
    >>> said = (
    ...     '{"format": 1, "as_of": "2026-01-05", "policy": "fifo", "lines": [],'
    ...     ' "changes": [], "totals": {"lines": 1, "by_unit": []}}'
    ... )
    >>> for fault in check_plan(shop, loads_plan(said, snapshot=shop)).faults:
    ...     print(fault)
    C5 totals: totals: lines is 1, there are 0
    """
    if not isinstance(snapshot, Snapshot):
        raise InvalidValueError(field="snapshot", value=snapshot, reason="must be a Snapshot")
    if not isinstance(document, PlanDocument):
        reason = "must be a PlanDocument"
        raise InvalidValueError(field="document", value=document, reason=reason)
    if rules is not None and not isinstance(rules, AgreedRules):
        reason = "must be AgreedRules, or None"
        raise InvalidValueError(field="rules", value=rules, reason=reason)
    case = Case(snapshot=snapshot, plan=document, rules=rules)
    faults, notes = list[Finding](), list[Finding]()
    for check in CHECKS:
        for found in check.find(case):
            finding = Finding(
                number=check.number, name=check.name, about=found.about, text=found.text
            )
            (notes if found.excused else faults).append(finding)
    return Findings(faults=tuple(faults), notes=tuple(notes))
