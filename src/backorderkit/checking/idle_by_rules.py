"""Units that lie idle in a plan by rules, and what the rules say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import attrs

from backorderkit.checking.cases import RULES, Case, Found
from backorderkit.checking.contracts import cap_on
from backorderkit.checking.entries import named
from backorderkit.checking.limits import booked_before
from backorderkit.checking.protecting import Protecting
from backorderkit.checking.rules import AgreedQuota, GroupValue
from backorderkit.checking.timelines import Moment, Ruled, plain
from backorderkit.model.ids import Location, Sku
from backorderkit.model.snapshot import LineKey

HELD_BY_RULES: Final = frozenset(
    {"buffer", "contract", "horizon", "location", "policy", "protection", "quota", "ship-rule"}
)
"""The kinds of blockers by which a plan says that a rule holds units back."""

KEPT: Final = frozenset({"contract"})
"""The one that stands for units that contracts keep, where all else can be worked out."""

BUFFERS: Final = "buffers"
"""By which word the name of a policy says that there are buffers."""


def idle_by_rules(case: Case) -> Iterator[Found]:
    """
    Find lines that wait while units lie there that nobody takes.

    A plan names blockers for what lies there today and in the end, so these moments are
    looked at.  Where the rules are known and leave no choice to a policy, all are.
    """
    ruled = Ruled(case=case, rules=case.rules) if case.rules is not None else plain(case)
    for sku, moments in ruled.moments.items():
        walk = Walk(ruled=ruled, sku=sku)
        for index, moment in enumerate(moments):
            walk.go_on(moment, is_first=not index)
            if index not in {0, len(moments) - 1} and not walk.is_exact:
                continue
            for key, units in walk.could_get():
                text = f"waits, and could get {case.shown(sku, units)} more of the {moment.about}"
                yield Found(about=named(key), text=text, excused=walk.is_excused(key))


@attrs.define(eq=False, kw_only=True)
class Walk:
    """
    What lies there of one SKU after each moment, and who may have it.

    Attributes:
        ruled: The plan, and its rules.
        sku: Of what.
    """

    ruled: Ruled
    sku: Sku
    _there: int = attrs.field(init=False, default=0)
    _at: Counter[Location] = attrs.field(init=False, factory=Counter)
    _now: Counter[Location] = attrs.field(init=False, factory=Counter)
    _before: Counter[Location] = attrs.field(init=False, factory=Counter)
    _moment: Moment = attrs.field(init=False)
    _wants: dict[LineKey, int] = attrs.field(init=False)
    _later: Counter[LineKey] = attrs.field(init=False, factory=Counter)
    _booked: dict[tuple[str, tuple[GroupValue, ...]], dict[int, int]] = attrs.field(
        init=False, factory=dict
    )
    _entries: dict[LineKey, list[tuple[AgreedQuota, tuple[GroupValue, ...]]]] = attrs.field(
        init=False, factory=dict
    )
    _rooms: dict[object, int] = attrs.field(init=False, factory=dict)
    _with_floor: set[LineKey] = attrs.field(init=False)
    _kept: int = attrs.field(init=False, default=0)
    _protecting: Protecting = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with what lines want, and with what is used of the rooms already."""
        ruled = self.ruled
        keys = [key for key in ruled.case.keys_of[self.sku] if key in ruled.case.lines]
        self._wants = {key: ruled.wants(key) for key in keys}
        self._protecting = Protecting.of(ruled, self.sku)
        self._with_floor = {key for key in keys if ruled.floor(key) != "none"}
        for moment in ruled.moments[self.sku]:
            self._later.update(moment.given)
        for quota in ruled.rules.quotas:
            groups = dict[tuple[GroupValue, ...], list[LineKey]]()
            for key in keys:
                entry = quota.entry_for(*ruled.case.open[key])
                if entry is not None:
                    groups.setdefault(entry, []).append(key)
                    self._entries.setdefault(key, []).append((quota, entry))
            for entry, members in groups.items():
                self._booked[quota.name, entry] = booked_before(ruled, quota, entry, members)

    @property
    def is_exact(self) -> bool:
        """Whether the rules alone say who may have what lies there."""
        rules, case = self.ruled.rules, self.ruled.case
        return (
            case.rules is not None and rules.in_order and not rules.waits and rules.together is None
        )

    def go_on(self, moment: Moment, *, is_first: bool) -> None:
        """Let units come, and what the plan says be given."""
        # Free lines of one moment can be placed otherwise, but not at a later one; and where
        # they got what was promised to them is not said, so it may be anywhere.
        self._before.update(self._now)
        self._now.clear()
        self._moment = moment
        self._protecting.arrive(moment.day, moment.came.total())
        self._protecting.give(moment.given)
        self._there += moment.came.total() - moment.given.total()
        self._at.update(moment.came)
        self._later.subtract(moment.given)
        for key, units in moment.given.items():
            line = self.ruled.case.open[key][1]
            self._wants[key] -= units
            if line.location is not None:
                self._at[line.location] -= units
            for quota, entry in self._entries.get(key, ()):
                booked = self._booked[quota.name, entry]
                number = quota.number_of(moment.day)
                booked[number] = booked.get(number, 0) + units * quota.factor
        self._rooms.clear()
        self._kept = sum(self._later[key] for key in self._with_floor)
        for key, units in moment.given.items():
            if self.ruled.case.open[key][1].location is not None:
                continue
            if is_first:
                kept = self.ruled.keeps(key)
                for location, quantity in self.ruled.case.lines[key].by_location.items():
                    self._now[location] += max(0, quantity - kept.get(location, 0))
            else:
                self._now.update(dict.fromkeys(self._at, units))

    def could_get(self) -> Iterator[tuple[LineKey, int]]:
        """Say who could get how much of what lies there, whatever a policy says."""
        if self._there <= 0:
            return
        for key, wants in self._wants.items():
            bound = self.ruled.case.open[key][1].location
            most = min(wants, self._there)
            if bound is not None:
                most = min(most, self._at[bound] - self._before[bound])
                if self.ruled.case.rules is None:
                    # A ship rule may be why the line did not have them before the others.
                    most -= self._now[bound]
            if most > 0 and self.ruled.case.rules is not None:
                most = self._by_rules(key, most)
            if most > 0:
                yield key, most

    def _by_rules(self, key: LineKey, most: int) -> int:
        """Cut down what lies there to what the rules let a line have."""
        ruled, day = self.ruled, self._moment.day
        line = ruled.case.open[key][1]
        opens = ruled.opens(key)
        if opens is None or day < opens:
            return 0
        cap = cap_on(ruled, key, day)
        if cap is not None:
            most = min(most, cap - (line.outstanding - self._wants[key]))
        kept = self._kept - (self._later[key] if key in self._with_floor else 0)
        most = min(most, self._there - kept)
        for quota, entry in self._entries.get(key, ()):
            most = min(most, self._room(quota, entry))
        if most <= 0:
            return 0
        own = self._protecting.owns[key]
        if own not in self._rooms:
            self._rooms[own] = self._protecting.may_get(own)
        most = min(most, self._rooms[own])
        return ruled.shipping(key).largest(most, self._wants[key])

    def _room(self, quota: AgreedQuota, entry: tuple[GroupValue, ...]) -> int:
        name = quota.name, entry
        if name in self._rooms:
            return self._rooms[name]
        booked, number = self._booked[name], quota.number_of(self._moment.day)
        last = quota.number_of(self.ruled.case.today) + (quota.ahead if quota.period else 0)
        free = quota.free_in(entry, number, booked) - booked.get(number, 0)
        self._rooms[name] = 0 if number > last else max(0, free) // quota.factor
        return self._rooms[name]

    def is_excused(self, key: LineKey) -> bool:
        """Tell whether a blocker of a line says why it does not have what it could get."""
        ruled = self.ruled
        if ruled.case.rules is None and BUFFERS in ruled.case.plan.policy.partition(RULES)[2]:
            # How much is withheld is not known, and what is held is named before it.
            return True
        excuses = HELD_BY_RULES
        if self.is_exact:
            capped = cap_on(ruled, key, self._moment.day) is not None
            kept = capped or len(self._with_floor) > (key in self._with_floor)
            excuses = KEPT if kept else frozenset()
        return any(
            each.kind in excuses and each.quantity for each in ruled.case.lines[key].blockers
        )
