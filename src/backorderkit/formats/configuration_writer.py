"""Writes configurations as TOML, in one form for one meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from backorderkit.formats.configuration_toml import Toml, write_toml
from backorderkit.formats.configuration_values import settle_percent
from backorderkit.formats.fields import FORMAT
from backorderkit.model._checks import Problems, refuse
from backorderkit.model._exact import EXACT
from backorderkit.policies import (
    AT_ONCE,
    AllocationPolicy,
    Buffer,
    ByAge,
    ByLineValue,
    ByList,
    ByPlaced,
    ByPriority,
    ByRequested,
    Chain,
    Condition,
    FairShare,
    FewestShipments,
    Fifo,
    Frozen,
    FullestFirst,
    InLocationOrder,
    Percent,
    Placing,
    Priority,
    Protection,
    Quota,
    Ranked,
    Reserve,
    Room,
    Rules,
    Segment,
    ShipRule,
    Together,
)
from backorderkit.policies.attributes import Value
from backorderkit.policies.grouping import GroupValue
from backorderkit.policies.shipping import ANY_PART

Tree = dict[str, Toml]

_NO_FILE: Final = "must be what a file can say"
"""Of a function of the host, and of what is made by one."""


def configuration_text(problems: Problems, policy: AllocationPolicy, placing: Placing) -> str:
    """Write a configuration; what no file can say is a problem."""
    tree: Tree = {"format": FORMAT}
    if isinstance(policy, Rules):
        tree["policy"] = _policy(problems, "policy.within", policy.within)
        tree |= _placing(problems, placing)
        tree |= _rules(problems, policy)
    else:
        tree["policy"] = _policy(problems, "policy", policy)
        tree |= _placing(problems, placing)
    return write_toml(tree)


def _rules(problems: Problems, rules: Rules) -> Tree:
    tree: Tree = {"waits": True} if rules.waits else {}
    if rules.disturb != "fewest-units":
        tree["disturb"] = rules.disturb
    if not isinstance(rules.ship, ShipRule):
        refuse(problems, "ship", rules.ship, _NO_FILE, "policy.ship")
    elif rules.ship != ANY_PART:
        tree["ship"] = _ship(rules.ship)
    if rules.reserve != AT_ONCE:
        tree["reserve"] = _reserve(rules.reserve)
    if rules.together is not None:
        tree["together"] = _together(problems, rules.together)
    if rules.frozen != Frozen():
        tree["frozen"] = _frozen(rules.frozen)
    lists: dict[str, list[Toml]] = {
        "segments": [
            _segment(problems, f"policy.segments[{place}]", each)
            for place, each in enumerate(rules.segments)
        ],
        "quotas": [_quota(each) for each in rules.quotas],
        "protections": [_protection(each) for each in rules.protections],
        "buffers": [_buffer(each) for each in rules.buffers],
    }
    return tree | {name: entries for name, entries in lists.items() if entries}


def _policy(problems: Problems, path: str, policy: AllocationPolicy) -> Toml:
    if type(policy) is Fifo:
        return "fifo"
    if type(policy) is FairShare and policy.weights is None:
        if policy.rule == "proportional":
            return "fair-share"
        return {"name": "fair-share", "rule": policy.rule}
    tree: Tree
    if type(policy) is Priority:
        tree = {"name": "priority"}
    elif type(policy) is Ranked:
        by = policy.key.keys if isinstance(policy.key, Chain) else (policy.key,)
        tree = {"name": "ranked", "by": [_rank(problems, f"{path}.key", each) for each in by]}
        if policy.name != "ranked":
            tree["called"] = policy.name
    else:
        refuse(problems, "policy", policy, _NO_FILE, path)
        return "fifo"
    if policy.within != Fifo():
        tree["within"] = _policy(problems, f"{path}.within", policy.within)
    if policy.incomplete != "next":
        tree["incomplete"] = policy.incomplete
    return "priority" if tree == {"name": "priority"} else tree


def _rank(problems: Problems, path: str, key: object) -> Toml:
    tree: Tree
    if type(key) is ByPriority:
        return "priority"
    if type(key) is ByPlaced or type(key) is ByRequested:
        name = "placed" if type(key) is ByPlaced else "requested"
        return name if key.first == "earliest" else {"key": name, "first": key.first}
    if type(key) is ByList:
        return {"key": "list", "of": key.of, "values": key.values}
    if type(key) is ByLineValue:
        tree = {"key": "line-value", "currencies": key.currencies}
        return tree if key.first == "highest" else {**tree, "first": key.first}
    if type(key) is ByAge and not key.step.microseconds:
        numbers = {"days": key.step.days, "seconds": key.step.seconds}
        return {"key": "age", **{name: number for name, number in numbers.items() if number}}
    refuse(problems, "key", key, _NO_FILE, path)
    return "priority"


def _placing(problems: Problems, placing: Placing) -> Tree:
    tree: Tree = {}
    if isinstance(placing, FewestShipments):
        tree["placing"] = "fewest-shipments"
    elif isinstance(placing, FullestFirst):
        tree["placing"] = "fullest-first"
    elif not isinstance(placing, InLocationOrder):
        refuse(problems, "placing", placing, _NO_FILE)
        return tree
    if placing.split != "allowed":
        tree["split"] = placing.split
    if isinstance(placing, InLocationOrder) and placing.locations:
        tree["locations"] = placing.locations
    return tree


def _ship(rule: ShipRule) -> Tree:
    numbers = {"minimum": rule.minimum, "multiple": rule.multiple}
    tree: Tree = {field: number for field, number in numbers.items() if number > 1}
    return tree or {"whole": rule.whole}


def _reserve(reserve: Reserve) -> Tree:
    tree: Tree = {"method": reserve.method}
    return {**tree, "days": reserve.days} if reserve.days else tree


def _together(problems: Problems, together: Together) -> Tree:
    if not isinstance(together.by, str):
        refuse(problems, "by", together.by, _NO_FILE, "policy.together.by")
    return {"by": "order", "shipments": together.shipments}


def _frozen(frozen: Frozen) -> Tree:
    tree: Tree = {}
    if frozen.lines:
        tree["lines"] = sorted(frozen.lines)
    if frozen.orders:
        tree["orders"] = sorted(frozen.orders)
    if frozen.within_days is not None:
        tree["within_days"] = frozen.within_days
    return {**tree, "by": frozen.by}


def _segment(problems: Problems, path: str, segment: Segment) -> Tree:
    tree: Tree = {"name": segment.name}
    if segment.place:
        tree["place"] = segment.place
    if segment.policy is not None:
        tree["policy"] = _policy(problems, f"{path}.policy", segment.policy)
    if segment.contract is not None:
        tree["contract"] = {"floor": segment.contract.floor, "cap": segment.contract.cap}
    if segment.ship is not None:
        tree["ship"] = _ship(segment.ship)
    if segment.reserve is not None:
        tree["reserve"] = _reserve(segment.reserve)
    for field, conditions in (("include", segment.include), ("exclude", segment.exclude)):
        if conditions:
            tree[field] = [_condition(each) for each in conditions]
    return tree


def _condition(condition: Condition) -> Tree:
    tree: Tree = {"attribute": condition.attribute}
    if condition.one_of is not None:
        tree["one_of"] = [_value(each) for each in condition.one_of]
    if condition.starts_with is not None:
        tree["starts_with"] = condition.starts_with
    if condition.least is not None:
        tree["least"] = _value(condition.least)
    if condition.most is not None:
        tree["most"] = _value(condition.most)
    for field in ("from_day", "to_day", "given"):
        number = getattr(condition, field)
        if number is not None:
            tree[field] = number
    return tree


def _value(value: Value) -> Toml:
    return _plain(value) if isinstance(value, Decimal) else value


def _plain(number: Decimal) -> Toml:
    """Write a number by its value: 9.90 is 9.9."""
    if number == number.to_integral_value():
        return int(number)
    return f"{number.normalize(EXACT):f}"


def _percent(percent: Percent) -> Toml:
    settled = settle_percent(Fraction(percent))
    if isinstance(settled, Fraction):
        return f"{settled.numerator}/{settled.denominator}"
    return _plain(Decimal(settled))


def _quota(quota: Quota) -> Tree:
    tree: Tree = {"name": quota.name, "by": quota.by}
    if quota.period is not None:
        tree["period"] = quota.period
    for field, number, default in (
        ("back", quota.back, 0),
        ("ahead", quota.ahead, 52),
        ("factor", quota.factor, 1),
    ):
        if number != default:
            tree[field] = number
    if quota.skus is not None:
        tree["skus"] = sorted(quota.skus)
    rooms = sorted(quota.rooms.items(), key=lambda entry: _order(entry[0]))
    tree["rooms"] = [{"values": values, **_room(room)} for values, room in rooms]
    used: list[Toml] = []
    for (values, start), units in sorted(
        quota.used.items(), key=lambda entry: (_order(entry[0][0]), entry[0][1] or date.min)
    ):
        when: Tree = {} if start is None else {"start": start}
        used.append({"values": values, **when, "units": units})
    return {**tree, "used": used} if used else tree


def _room(room: Room) -> Tree:
    if not isinstance(room, Mapping):
        return {"units": room}
    periods: list[Toml] = [
        {"start": start, "units": units} for start, units in sorted(room.items())
    ]
    return {"periods": periods}


def _order(values: Iterable[GroupValue]) -> list[tuple[bool, int, str]]:
    """Sort numbers before texts, which do not compare."""
    return [(True, 0, value) if isinstance(value, str) else (False, value, "") for value in values]


def _sorted_values(values: Iterable[GroupValue]) -> list[GroupValue]:
    return sorted(values, key=lambda value: _order([value]))


def _protection(protection: Protection) -> Tree:
    group: Tree = {
        name: _sorted_values(values) for name, values in sorted(protection.group.items())
    }
    tree: Tree = {"name": protection.name, "group": group, "quantity": protection.quantity}
    for field, value, default in (
        ("rank", protection.rank, 1),
        ("family", protection.family, ""),
        ("from_day", protection.from_day, None),
        ("until", protection.until, None),
    ):
        if value is not None and value != default:
            tree[field] = value
    if protection.skus is not None:
        tree["skus"] = sorted(protection.skus)
    if protection.used:
        tree["used"] = protection.used
    return tree if protection.own == "none" else {**tree, "own": protection.own}


def _buffer(buffer: Buffer) -> Tree:
    tree: Tree = {"name": buffer.name, "percent": _percent(buffer.percent)}
    if buffer.of != "on-hand":
        tree["of"] = buffer.of
    if buffer.skus is not None:
        tree["skus"] = sorted(buffer.skus)
    if buffer.locations is not None:
        tree["locations"] = sorted(buffer.locations)
    return tree
