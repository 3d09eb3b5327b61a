"""The plan: what changes, what every open line gets, and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Final

import attrs

from backorderkit.changes import Change
from backorderkit.errors import InvalidValueError
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.planning.applying import apply
from backorderkit.planning.book import Book, require_source
from backorderkit.planning.decisions import Decisions
from backorderkit.planning.explain import Explainer
from backorderkit.planning.given import sku_set
from backorderkit.planning.lines import PlanLine, Totals, plan_lines, total_up
from backorderkit.planning.open_lines import OpenLines
from backorderkit.planning.openings import BrokenContract
from backorderkit.planning.prepared import Prepared, Shared, prepare, share, share_part
from backorderkit.planning.reasons import Explanation
from backorderkit.planning.sharing import Tick
from backorderkit.planning.together import tied_skus
from backorderkit.policies.modes import PlanMode
from backorderkit.policies.placing import Placing, may_split, placing_name, require_placing
from backorderkit.policies.protocol import AllocationPolicy, policy_name, require_policy
from backorderkit.policies.rules import Rules
from backorderkit.policies.sourcing import IN_LOCATION_ORDER

UNSPLIT: Final = ", lines unsplit"
"""What the name of a policy gets where the placing holds units back."""


@attrs.frozen(kw_only=True, slots=False, eq=False)
class Plan:
    """
    What to change, and why; made by `plan`.

    Who gets what is decided when it exists.  Changes, lines, the outcome and the
    totals are made when first asked for, and are the same values ever after.

    Attributes:
        as_of: The moment of planning.
        policy: The name of the policy that shared; and that lines are unsplit, if that
            holds units back.
        placing: The name of what said from where.
        skus: The SKUs whose lines were planned, or None for all.
    """

    as_of: datetime
    policy: str
    placing: str = IN_LOCATION_ORDER.name
    skus: frozenset[Sku] | None = None
    _run: Shared | Prepared = attrs.field(repr=False)

    def __eq__(self, other: object) -> bool:
        """Plans are equal that decided the same about the same."""
        if not isinstance(other, Plan):
            return NotImplemented
        same = (self.snapshot, self.policy, self.skus) == (
            other.snapshot,
            other.policy,
            other.skus,
        )
        return same and self._decisions.are_as(other._decisions)

    def __hash__(self) -> int:
        """Hash what was planned, by which policy."""
        return hash((self.snapshot, self.policy))

    @property
    def snapshot(self) -> Snapshot:
        """What was planned; the part of it, if it was a part of a `Book`."""
        return self._run.shared.snapshot

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What changes, in the order in which it is to be applied, and nothing else."""
        return tuple(self._run.changes)

    @cached_property
    def granted(self) -> tuple[int, ...]:
        """How much each of `lines` gets of the stock on hand now, without making the lines."""
        return tuple(self._decisions.granted)

    @cached_property
    def lines(self) -> tuple[PlanLine, ...]:
        """Every line with something outstanding, sorted by order id and line id."""
        rest = self._run.shared.rest
        return tuple(plan_lines(rest, self._book, self._decisions, self._explainer))

    @cached_property
    def outcome(self) -> Snapshot:
        """The snapshot after the changes: the input of the next plan."""
        return apply(self.snapshot, self.changes)

    @cached_property
    def totals(self) -> Totals:
        """The sums over all lines, unit by unit."""
        return total_up(self.snapshot, self.lines)

    @property
    def broken(self) -> tuple[BrokenContract, ...]:
        """The contracts that cannot be kept; their SKUs stay as they were."""
        return tuple(sorted(self._decisions.broken, key=lambda each: (each.order, each.line)))

    def explain(self, order: OrderId, line: LineId, /) -> Explanation:
        """
        Explain one line in full: who else was served, and from what.

        Raises:
            KeyError: if there is no such line with something outstanding.
        """
        return self._explainer.explain(self._rows[order, line])

    @property
    def _book(self) -> OpenLines:
        return self._run.shared.lines

    @property
    def _decisions(self) -> Decisions:
        return self._run.shared.decisions

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._run.shared.rest, self._book, self._decisions)

    @cached_property
    def _rows(self) -> dict[LineKey, int]:
        owners, lines = self._book.owners, self._book.lines
        return {
            (order.id, line.id): row
            for row, (order, line) in enumerate(zip(owners, lines, strict=True))
        }


def plan(
    snapshot: Snapshot | Book,
    *,
    policy: AllocationPolicy,
    skus: Iterable[str] | None = None,
    placing: Placing = IN_LOCATION_ORDER,
) -> Plan:
    """
    Share what is there, and what is to come, among the open lines.

    Stock on hand is shared first and gives allocations; then each receipt by
    (due date, id) gives promises.  What lines hold already stays theirs.  When
    this returns, every question was put to the policy and every answer checked.

    Args:
        snapshot: Orders, stock and receipts at one moment; or a `Book` of them.
        policy: Who gets scarce supply: `Fifo`, `Priority`, `FairShare`, `Ranked`
            or your own.
        skus: Plan the lines of these SKUs only: what an event touched.  They get
            what they would get in a plan of everything.  Where lines ship together, the
            SKUs that orders tie to them are planned as well.
        placing: From which location units come, where there are several:
            `InLocationOrder`, `FewestShipments`, `NearestByCost`, `FullestFirst` or
            your own.  It never changes how much a line gets, unless it is one that
            splits no line.

    Returns:
        The plan.  Planning its outcome again changes nothing, unless the policy
        holds units back and then changes its mind about them.

    Raises:
        PolicyViolationError: if the policy or the placing broke a clause of its contract.
        Exception: whatever one of them raised, with the question as a note.
        InvalidValueError: if *policy* is no policy, *snapshot* neither a snapshot nor a
            book, *skus* no collection of SKUs, or *placing* no placing, or one that
            splits no line under a policy that is a mode of plans.

    O(lines x log lines), and for each receipt what its SKU has still open.

    >>> from backorderkit.model import Order
    >>> from backorderkit.policies import Fifo
    >>> snapshot = Snapshot.of(
    ...     as_of="2026-01-05",
    ...     stock={"MUG": 3},
    ...     orders=[Order.of("SO-1", "2026-01-02", {"MUG": 5})],
    ... )
    >>> made = plan(snapshot, policy=Fifo())
    >>> [type(change).__name__ for change in made.changes]
    ['Allocated', 'Backordered']
    >>> made.lines[0].reason
    '3 of 5 pcs allocated at MAIN; nothing in sight for 2 pcs.'
    """
    return run(snapshot, policy, skus=skus, placing=placing)


def run(
    source: Snapshot | Book,
    policy: AllocationPolicy,
    tick: Tick | None = None,
    *,
    skus: Iterable[str] | None = None,
    placing: Placing = IN_LOCATION_ORDER,
) -> Plan:
    """Plan, telling *tick* now and then how many SKUs of how many are done."""
    require_policy(policy)
    require_fitting(placing, policy)
    require_source(source)
    only = sku_set(skus)
    if only is not None and isinstance(policy, Rules) and policy.together is not None:
        whole = source if isinstance(source, Snapshot) else source.snapshot
        only = tied_skus(whole, policy.together, only)
    made: Shared | Prepared | None
    if isinstance(source, Snapshot):
        made = share(source, policy, only, tick, is_part=False, placing=placing)
    else:
        made = prepare(source, policy, only, placing) or share_part(
            source, policy, only, tick, placing=placing
        )
    return Plan(
        as_of=source.as_of,
        policy=policy_name(policy) + ("" if may_split(placing) else UNSPLIT),
        placing=placing_name(placing),
        skus=only,
        run=made,
    )


def require_fitting(placing: object, policy: AllocationPolicy) -> None:
    """
    Refuse what is no placing, and one that splits no line under a mode of plans.

    A line that is cut to one location would break what a mode promises: a date, or a
    part that may ship.

    Raises:
        InvalidValueError: if it is such a one.
    """
    require_placing(placing)
    if isinstance(policy, PlanMode) and isinstance(placing, Placing) and not may_split(placing):
        reason = f"must split lines where the policy is {type(policy).__name__}"
        raise InvalidValueError(field="placing", value=placing, reason=reason)
