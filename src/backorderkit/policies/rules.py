"""Rules of allocation: contracts, ship rules and reserving, beside a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from backorderkit.model._checks import Problems, as_tuple, raise_first, refuse
from backorderkit.policies.buffers import Buffer
from backorderkit.policies.freezing import Frozen
from backorderkit.policies.keeping import DISTURBANCES, Disturbance
from backorderkit.policies.modes import PlanMode, refuse_mode
from backorderkit.policies.protections import Protection
from backorderkit.policies.protocol import AllocationPolicy, Demand, policy_name, require_policy
from backorderkit.policies.quotas import Quota
from backorderkit.policies.ranked import serves_in_order
from backorderkit.policies.reserving import AT_ONCE, Reserve
from backorderkit.policies.segments import Segment, check_segments
from backorderkit.policies.shipping import ANY_PART, RuleOf, Shipping, ShipRule, check_rule
from backorderkit.policies.together import Together


def _quotas(given: Iterable[Quota]) -> tuple[Quota, ...]:
    return as_tuple("quotas", given)


def _protections(given: Iterable[Protection]) -> tuple[Protection, ...]:
    return as_tuple("protections", given)


def _buffers(given: Iterable[Buffer]) -> tuple[Buffer, ...]:
    return as_tuple("buffers", given)


NOTHING_FROZEN: Final = Frozen()

OWN_PLACE: Final = 0
"""The place of lines in no segment."""


@attrs.frozen
class Rules(PlanMode):
    """
    Shares by a policy, within rules for who may get what, when and how.

    `plan` recognises it.  A line's segment says by which contract it is planned again,
    which policy serves it and at which place, which parts of it may ship and from when
    it may take; lines in no segment keep what they have and go by what is given here.
    What nobody may use of a supply event stays where it is and is shared again with the
    next one, or on the day on which somebody may.

    A question alone, by ``share``, is answered as *within* would: rules are about whole
    plans.

    Args:
        within: Who is served first, or how a shortage is shared, where no segment
            names a policy.
        segments: First match wins.  Those of place 0 are served together with the lines in
            no segment, by *within*.
        quotas: The most that groups of lines may get in a period.
        protections: What others must leave to groups of lines.
        buffers: Percentages of the stock that nobody gets.
        reserve: From when lines in no segment may take, and those whose segment does
            not say.
        ship: Which parts of them may go: a rule, or a function that says which one a line
            has.
        waits: Whether the queue waits behind who cannot be served by a ship rule.
        together: Which lines ship together, over all their SKUs, if any do.
        frozen: Which lines keep what they have and were told, whatever their contract;
            where lines ship together, what they have: dates are told anew.
        disturb: Where not all can keep what contracts let them keep if possible, whether
            ``"fewest-units"`` lose it or ``"fewest-lines"``: see `KeepPromises`.

    Raises:
        InvalidValueError: if *within* is no policy or a mode of plans itself, segments
            contradict each other, or anything else is not what it must be; if the queue
            is to wait, or lines are to ship together, under a policy that serves in no
            order; or if contracts keep what lines have that ship together.

    >>> from backorderkit.policies.ranked import Priority
    >>> Rules(Priority(), ship=ShipRule(whole=True)).name
    'priority, rules: ship rules'
    """

    within: AllocationPolicy
    segments: tuple[Segment, ...] = attrs.field(default=(), converter=check_segments, kw_only=True)
    quotas: tuple[Quota, ...] = attrs.field(default=(), converter=_quotas, kw_only=True)
    protections: tuple[Protection, ...] = attrs.field(
        default=(), converter=_protections, kw_only=True
    )
    buffers: tuple[Buffer, ...] = attrs.field(default=(), converter=_buffers, kw_only=True)
    reserve: Reserve = attrs.field(default=AT_ONCE, kw_only=True)
    ship: ShipRule | RuleOf = attrs.field(default=ANY_PART, kw_only=True)
    waits: bool = attrs.field(default=False, kw_only=True)
    together: Together | None = attrs.field(default=None, kw_only=True)
    frozen: Frozen = attrs.field(default=NOTHING_FROZEN, kw_only=True)
    disturb: Disturbance = attrs.field(default="fewest-units", kw_only=True)

    holds_back = True

    def __attrs_post_init__(self) -> None:
        """Refuse what is no rule, and rules that contradict each other."""
        require_policy(self.within, field="within")
        refuse_mode(self.within)
        problems: Problems = []
        for index, segment in enumerate(self.segments):
            named = segment.policy
            if segment.place == OWN_PLACE and named not in (None, self.within):
                reason = f"must be {policy_name(self.within)} at the place of those in no segment"
                refuse(problems, "policy", named, reason, f"segments[{index}].policy")
        self._check_limits(problems)
        for field, value, what in (
            ("reserve", self.reserve, Reserve),
            ("frozen", self.frozen, Frozen),
        ):
            if not isinstance(value, what):
                refuse(problems, field, value, f"must be a {what.__name__}")
        check_rule(problems, "ship", self.ship)
        if type(self.waits) is not bool:
            refuse(problems, "waits", self.waits, "must be True or False")
        if self.disturb not in DISTURBANCES:
            refuse(problems, "disturb", self.disturb, f"must be one of {', '.join(DISTURBANCES)}")
        if self.together is not None and not isinstance(self.together, Together):
            refuse(problems, "together", self.together, "must be a Together, or None")
        self._check_order(problems)
        raise_first(problems)

    def _check_order(self, problems: Problems) -> None:
        """Refuse what needs an order of service where there is none, and what spoils groups."""
        policies = [self.within, *(each.policy for each in self.segments if each.policy)]
        orderless = [each for each in policies if not serves_in_order(each)]
        for field, value in (("waits", self.waits), ("together", self.together)):
            if value and orderless:
                reason = f"must be absent: {policy_name(orderless[0])} serves in no order"
                refuse(problems, field, value, reason)
        if self.together is not None:
            for index, segment in enumerate(self.segments):
                if segment.contract and segment.contract.floor != "none":
                    reason = "must have the floor none where lines ship together"
                    path = f"segments[{index}].contract"
                    refuse(problems, "contract", segment.contract, reason, path)

    def _check_limits(self, problems: Problems) -> None:
        for field, kind in (("quotas", Quota), ("protections", Protection), ("buffers", Buffer)):
            names = set[str]()
            for index, each in enumerate(getattr(self, field)):
                path = f"{field}[{index}]"
                if not isinstance(each, kind):
                    refuse(problems, field, each, f"must be a {kind.__name__}", path)
                elif each.name in names:
                    refuse(problems, "name", each.name, "must be unique", f"{path}.name")
                else:
                    names.add(each.name)

    @property
    def name(self) -> str:
        """The name of what is within, and which kinds of rules there are."""
        kinds = ", ".join(self._kinds()) or "none"
        return f"{policy_name(self.within)}, rules: {kinds}"

    def _kinds(self) -> Iterator[str]:
        if self.segments:
            yield "segments"
        if any(segment.contract for segment in self.segments):
            yield "contracts"
        if self.quotas:
            yield "quotas"
        if self.protections:
            yield "protections"
        if self.buffers:
            yield "buffers"
        if self.reserve != AT_ONCE or any(segment.reserve for segment in self.segments):
            yield "horizon"
        if self.together:
            yield "together"
        if self.frozen != NOTHING_FROZEN:
            yield "frozen"
        if self.ship != ANY_PART or any(segment.ship for segment in self.segments):
            yield "ship rules"

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        """Answer as *within* does."""
        return self.within.share(supply, demands)


def as_rules(policy: AllocationPolicy) -> Rules | None:
    """Give the rules by which a plan is made; None if it goes by a policy alone."""
    if isinstance(policy, Shipping):
        return Rules(policy.within, ship=policy.rule, waits=policy.waits)
    return policy if isinstance(policy, Rules) else None
