"""The mode of planning in which promises hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import attrs

from backorderkit.model._checks import Problems, raise_first, refuse
from backorderkit.policies.modes import PlanMode, refuse_mode
from backorderkit.policies.protocol import (
    AllocationPolicy,
    Demand,
    Law,
    declared_laws,
    holds_back,
    policy_name,
    require_policy,
)

Disturbance = Literal["fewest-units", "fewest-lines"]
"""Of what as little as possible is late where not all that was told can be kept."""

DISTURBANCES: Final[tuple[Disturbance, ...]] = get_args(Disturbance)


@attrs.frozen
class KeepPromises(PlanMode):
    """
    Plans so that nobody is served later than told while supply allows.

    `plan` recognises it.  Of each supply event, what was promised before gets what
    it needs to be met by its day, given the supply still to come; *within* shares
    the rest.  With no promises told it plans as *within* alone.  The contract is one
    of whole plans: a single question, by `share`, is answered as *within* would.
    SKUs of which nothing was promised cost what *within* costs; of the others every
    event is a question to it, besides O(promises) of the SKU.

    Args:
        within: Who gets what no promise needs, and who is served first of those
            promised for one day, should that not suffice for all.
        pull_in: True: whoever was promised something is served earlier where
            *within* gives it so.  False: promised units keep their date, and
            take from an earlier event only what would fail them otherwise; what
            nobody else wants of it is held back.
        disturb: What is spared where supply does not allow all that was told.
            ``"fewest-units"``: as many units as possible come by their day, earliest day
            first; it may cost several lines a part of theirs.  ``"fewest-lines"``: as
            many lines as possible get all that they were told by its day.  The others
            come after them, and still before whoever was told nothing.  Where some
            lines may use only a part of what others may use, units are spared.

    Raises:
        InvalidValueError: if *within* is no policy or a mode of plans itself, *pull_in*
            is no bool, or there is no such *disturb*.

    The number of lines is the smallest where each line was told one day, and for a dozen
    lines of a SKU or fewer in any case.  Of more lines, some of which were told several
    days, those with most units go first, which may be one more than must.

    >>> from backorderkit.policies.ranked import Priority
    >>> KeepPromises(Priority()).name
    'priority, promises kept'
    """

    within: AllocationPolicy
    pull_in: bool = attrs.field(default=True, kw_only=True)
    disturb: Disturbance = attrs.field(default="fewest-units", kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse what is no policy, and promises that are kept twice."""
        require_policy(self.within, field="within")
        refuse_mode(self.within)
        problems: Problems = []
        if type(self.pull_in) is not bool:
            refuse(problems, "pull_in", self.pull_in, "must be True or False")
        if self.disturb not in DISTURBANCES:
            refuse(problems, "disturb", self.disturb, f"must be one of {', '.join(DISTURBANCES)}")
        raise_first(problems)

    @property
    def name(self) -> str:
        """The name of what is within, and whether promises are kept or dates held."""
        what = "promises kept" if self.pull_in else "promised dates held"
        if self.disturb == "fewest-lines":
            what += ", fewest lines disturbed"
        return f"{policy_name(self.within)}, {what}"

    @property
    def laws(self) -> frozenset[Law]:
        """As within: laws are about single questions."""
        return declared_laws(self.within)

    @property
    def holds_back(self) -> bool:
        """Where dates are held, units may stay over; otherwise as within."""
        return not self.pull_in or holds_back(self.within)

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        """Answer as *within* does: a question alone tells of no promises."""
        return self.within.share(supply, demands)
