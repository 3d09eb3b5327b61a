"""Levers on rules: quotas, protected units, and from when a line may take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import ClassVar, Final

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model.units import Unit
from backorderkit.planning import Book
from backorderkit.policies.grouping import GroupValue, column_of
from backorderkit.policies.protocol import AllocationPolicy
from backorderkit.policies.quotas import Quota, Room
from backorderkit.policies.rules import Rules
from backorderkit.promising.levers import BuiltLever, Case, Dial, Lever, sized

_Applied = tuple[Book, AllocationPolicy]


@attrs.frozen(kw_only=True)
class RaisedQuota:
    """
    A larger room of a quota, in each of its periods.

    Attributes:
        quota: Its name.
        values: Whose room: the entry that the line falls under.
        quantity: How many units of room more, by the quota's own measure: where a unit
            uses several of its room, so many more are needed.
    """

    kind: ClassVar[str] = "quota"
    quota: str
    values: tuple[GroupValue, ...]
    quantity: int

    def apply(self, book: Book, policy: AllocationPolicy, /) -> _Applied:
        """Give the rules with so much more room."""
        rules = _rules_of(policy)
        quotas = [
            attrs.evolve(each, rooms={**each.rooms, self.values: self._raised(each)})
            if each.name == self.quota
            else each
            for each in rules.quotas
        ]
        return book, attrs.evolve(rules, quotas=quotas)

    def _raised(self, quota: Quota) -> Room:
        room = quota.rooms[self.values]
        if isinstance(room, Mapping):
            return {start: units + self.quantity for start, units in room.items()}
        return room + self.quantity

    def clause(self, unit: Unit, /) -> str:  # noqa: ARG002 - a room is counted as the quota counts
        """Say it in English."""
        whose = ", ".join(map(str, self.values))
        return f"with {self.quantity} more room in quota {self.quota} ({whose})"


@attrs.frozen(kw_only=True)
class LessProtected:
    """
    Fewer units protected for a group.

    Attributes:
        protection: Its name.
        quantity: How many units fewer.
    """

    kind: ClassVar[str] = "protection"
    protection: str
    quantity: int

    def apply(self, book: Book, policy: AllocationPolicy, /) -> _Applied:
        """Give the rules with so much less protected."""
        rules = _rules_of(policy)
        protections = [
            attrs.evolve(each, quantity=each.quantity - self.quantity)
            if each.name == self.protection
            else each
            for each in rules.protections
        ]
        return book, attrs.evolve(rules, protections=protections)

    def clause(self, unit: Unit, /) -> str:
        """Say it in English."""
        return f"with {sized(unit, self.quantity)} less protected by {self.protection}"


def _rules_of(policy: AllocationPolicy) -> Rules:
    if not isinstance(policy, Rules):
        raise InvalidValueError(field="policy", value=policy, reason="must be Rules")
    return policy


def _raised(quota: str, values: tuple[GroupValue, ...], step: int) -> RaisedQuota:
    return RaisedQuota(quota=quota, values=values, quantity=step)


def _lowered(protection: str, step: int) -> LessProtected:
    return LessProtected(protection=protection, quantity=step)


def _quotas(case: Case) -> Iterator[Dial]:
    """Give more room, of each quota that the line falls under."""
    rules, line = case.policy, case.line
    for quota in rules.quotas if isinstance(rules, Rules) else ():
        if quota.skus is not None and line.sku not in quota.skus:
            continue
        values = tuple(column_of(each, [case.order], [line])[0] for each in quota.by)
        entry = quota.entry_of(values)
        if entry is not None:
            yield Dial(
                steps=case.wanted * quota.factor,
                remedy=partial(_raised, quota.name, entry),
            )


def _protections(case: Case) -> Iterator[Dial]:
    """Protect less, of each protection."""
    rules, sku = case.policy, case.line.sku
    for each in rules.protections if isinstance(rules, Rules) else ():
        if each.skus is None or sku in each.skus:
            yield Dial(
                steps=each.quantity,
                remedy=partial(_lowered, each.name),
            )


RULE_LEVERS: Final[tuple[Lever, ...]] = (
    BuiltLever("quota", _quotas),
    BuiltLever("protection", _protections),
)
"""The levers on rules; they turn nothing where the policy is none of rules."""
