"""Configurations to read and write: one that says everything, and generated ones."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, timedelta
from fractions import Fraction
from typing import Any, TypeVar, get_args

from hypothesis import strategies as st

from backorderkit.formats import Configuration
from backorderkit.model import LineId, Location, OrderId, Sku
from backorderkit.policies import (
    RULES,
    SPLITS,
    AllocationPolicy,
    Attribute,
    Buffer,
    BufferOf,
    ByAge,
    ByLineValue,
    ByList,
    ByPlaced,
    ByPriority,
    ByRequested,
    Cap,
    Chain,
    Condition,
    Contract,
    FairShare,
    FewestShipments,
    Fifo,
    Floor,
    FreezeBy,
    Frozen,
    FullestFirst,
    GroupAttribute,
    GroupValue,
    InLocationOrder,
    Own,
    Period,
    Placing,
    Priority,
    Protection,
    Quota,
    Ranked,
    Reserve,
    Rules,
    Segment,
    ShipRule,
    Together,
)
from backorderkit.policies.attributes import KNOWN
from backorderkit.policies.keeping import DISTURBANCES
from backorderkit.policies.keys import ListedBy
from backorderkit.policies.periods import index_of, start_of
from backorderkit.policies.worth import FirstWorth

_Value = TypeVar("_Value")
_Named = TypeVar("_Named", Quota, Protection, Buffer)


FULL = """\
format = 1
policy = {name = "priority", within = "fifo", incomplete = "next"}
placing = "location-order"
split = "avoid"
locations = ["EAST", "WEST"]
waits = false
disturb = "fewest-lines"
[ship]
minimum = 2
multiple = 2
whole = false
[reserve]
method = "days-before"
days = 7
[together]
by = "order"
shipments = 2
[frozen]
lines = [["SO-1", "1"]]
orders = ["SO-2"]
within_days = 3
by = "promised"
[[segments]]
name = "rush"
place = 1
policy = {name = "ranked", called = "mine", within = {name = "fifo"}, incomplete = "next", by = [
  "priority", {key = "placed", first = "latest"}, {key = "requested", first = "latest"},
  {key = "list", of = "customer", values = ["a", ""]}, {key = "age", days = 7, seconds = 1},
  {key = "line-value", currencies = ["EUR"], first = "lowest"}]}
contract = {floor = "none", cap = "not-better"}
ship = {whole = true}
reserve = {method = "by-hand", days = 0}
include = [
  {attribute = "channel", one_of = ["web"], starts_with = "w"},
  {attribute = "requested", from_day = -1, to_day = 7},
  {attribute = "requested", least = 2026-01-05, most = 2026-02-01T09:00:00Z},
  {attribute = "unit_price", least = 9.90, most = "20", given = true}]
exclude = [{attribute = "priority", least = 3, most = 4}]
[[segments]]
name = "share"
place = 2
[[quotas]]
name = "customers"
by = ["customer", "priority"]
period = "week"
back = 1
ahead = 4
factor = 2
skus = ["MUG"]
rooms = [
  {values = ["c", "*"], units = 150},
  {values = ["*", 3], periods = [{start = 2026-01-05, units = 100}]}]
used = [{values = ["c", 1], start = 2026-01-05, units = 20}]
[[protections]]
name = "shops"
group = {channel = ["shop"], priority = [1]}
quantity = 40
rank = 2
family = "f"
from_day = 2026-01-05
until = 2026-02-01
skus = ["MUG"]
used = 1
own = "restricted"
[[buffers]]
name = "counts"
percent = 12.50
of = "both"
skus = ["MUG"]
locations = ["EAST"]
"""
"""Every key once at least."""


def tree(text: str = FULL) -> dict[str, Any]:
    """Give a file as it is parsed."""
    return tomllib.loads(text)


def to_toml(document: Mapping[str, object]) -> str:
    """Write any tree in another layout than ours: all on one line a key."""
    return "".join(f"{json.dumps(key)} = {_inline(value)}\n" for key, value in document.items())


def _inline(value: object) -> str:
    if isinstance(value, Mapping):
        return (
            f"{{{', '.join(f'{json.dumps(key)}={_inline(each)}' for key, each in value.items())}}}"
        )
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_inline, value))}]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value).replace("\x7f", "\\u007f")


def some(kind: object) -> st.SearchStrategy[Any]:
    """Give one of the texts of a literal type."""
    return st.sampled_from(get_args(kind))


def few(entries: st.SearchStrategy[_Value], *, least: int = 0) -> st.SearchStrategy[list[_Value]]:
    return st.lists(entries, min_size=least, max_size=2, unique=True)


def named(entries: st.SearchStrategy[_Named]) -> st.SearchStrategy[list[_Named]]:
    return st.lists(entries, max_size=2, unique_by=lambda each: each.name)


# Strategies are checked when they are first used, so each is made once.
CHARACTERS = st.characters(exclude_categories=["Cs"])
NAMES = st.text(CHARACTERS, min_size=1, max_size=3)
LABELS = st.text(CHARACTERS, max_size=3)
SKUS = st.none() | few(NAMES.map(Sku), least=1)
PLACES = st.none() | few(NAMES.map(Location), least=1)
NUMBERS = st.integers(1, 5)
UNITS = st.integers(0, 9)
FLAGS = st.booleans()
DAYS = st.dates(date(1, 2, 1), date(9999, 1, 1))
MONEY = st.decimals(0, 100, places=2)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": NAMES,
    "whole": st.integers(-5, 5),
    "money": MONEY,
    "time": st.datetimes(timezones=st.just(UTC)),
}
LISTS = {kind: few(values, least=1) for kind, values in VALUES.items()}
ATTRIBUTES = some(Attribute)
FIRST = st.sampled_from(["earliest", "latest"])
RANKS: st.SearchStrategy[Any] = st.one_of(
    st.just(ByPriority()),
    st.builds(ByPlaced, first=FIRST),
    st.builds(ByRequested, first=FIRST),
    st.builds(ByList, of=some(ListedBy), values=few(LABELS)),
    st.builds(ByAge, step=st.integers(1, 10**9).map(lambda number: timedelta(seconds=number))),
    st.builds(ByLineValue, currencies=few(NAMES, least=1), first=some(FirstWorth)),
)
RANKED = st.builds(
    lambda by, name: Ranked(key=by[0] if len(by) == 1 else Chain(keys=by), name=name),
    st.lists(RANKS, min_size=1, max_size=3),
    st.just("ranked") | NAMES,
)
ORDERED: st.SearchStrategy[Any] = st.sampled_from([Fifo(), Priority()]) | RANKED
SHARES = st.builds(FairShare, rule=st.sampled_from(RULES))
POLICIES: st.SearchStrategy[Any] = (
    ORDERED | SHARES | st.builds(lambda inner: Priority(within=inner), SHARES | RANKED)
) | st.just(Priority(incomplete="stop"))
SHIPS = st.just(ShipRule(whole=True)) | st.builds(ShipRule, minimum=NUMBERS, multiple=NUMBERS)
RESERVES = st.sampled_from(
    [Reserve(), Reserve(method="by-hand"), *(Reserve(method="days-before", days=n) for n in (0, 9))]
)
LOOSE = [Contract(cap=cap) for cap in get_args(Cap)]
KEEPING = [Contract(floor=floor) for floor in get_args(Floor)]
KEEPING.append(Contract(floor="keep-or-raise", cap="not-better"))
GROUPS = few(some(GroupAttribute), least=1)
GROUP_VALUES: dict[GroupAttribute, st.SearchStrategy[Any]] = {
    name: NUMBERS if name == "priority" else LABELS for name in get_args(GroupAttribute)
}
PERIODS: st.SearchStrategy[Period | None] = st.none() | some(Period)
FROZEN = st.builds(
    Frozen,
    lines=few(st.tuples(NAMES.map(OrderId), NAMES.map(LineId))),
    orders=few(NAMES.map(OrderId)),
    within_days=st.none() | UNITS,
    by=some(FreezeBy),
)
THIRDS = UNITS.map(lambda number: Fraction(3 * number + 1, 3))
BUFFERS = st.builds(
    Buffer,
    name=NAMES,
    percent=UNITS | MONEY | THIRDS,
    of=some(BufferOf),
    skus=SKUS,
    locations=PLACES,
)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    attribute = draw(ATTRIBUTES)
    known = KNOWN[attribute]
    if known.may_lack and draw(FLAGS):
        return Condition(attribute=attribute, given=False)
    if draw(FLAGS):
        return Condition(attribute=attribute, one_of=draw(LISTS[known.kind]))
    if known.kind == "text":
        return Condition(attribute=attribute, starts_with=draw(NAMES))
    if known.kind == "time" and draw(FLAGS):
        day = draw(VALUES["whole"])
        return Condition(attribute=attribute, from_day=day, to_day=day + draw(NUMBERS))
    low, high = sorted([draw(VALUES[known.kind]), draw(VALUES[known.kind])])
    return Condition(attribute=attribute, least=low, most=high)


CONDITIONS = st.lists(conditions(), max_size=2)


@st.composite
def quotas(draw: st.DrawFn) -> Quota:
    by: list[GroupAttribute] = draw(GROUPS)
    period = draw(PERIODS)

    def room() -> int | dict[date, int]:
        if period is None or draw(FLAGS):
            return draw(UNITS)
        return {_first_day(period, draw(DAYS)): draw(UNITS) for _ in range(draw(UNITS) % 3)}

    def values() -> tuple[GroupValue, ...]:
        return tuple(draw(GROUP_VALUES[each]) if draw(FLAGS) else "*" for each in by)

    rooms = {values(): room() for _ in range(draw(NUMBERS) % 3 + 1)}
    used = {
        (key, None if period is None else _first_day(period, draw(DAYS))): draw(UNITS)
        for key in rooms
        if draw(FLAGS)
    }
    return Quota(
        name=draw(NAMES),
        by=by,
        rooms=rooms,
        period=period,
        back=draw(UNITS) if period else 0,
        ahead=draw(st.sampled_from([0, 52, 366])),
        factor=draw(NUMBERS),
        skus=draw(SKUS),
        used=used,
    )


def _first_day(period: Period, day: date) -> date:
    start = start_of(period, index_of(period, day.toordinal()))
    assert start is not None
    return date.fromordinal(start)


@st.composite
def protections(draw: st.DrawFn) -> Protection:
    first, last = sorted([draw(DAYS), draw(DAYS)])
    return Protection(
        name=draw(NAMES),
        group={name: frozenset([draw(GROUP_VALUES[name])]) for name in draw(GROUPS)},
        quantity=draw(UNITS),
        rank=draw(NUMBERS),
        family=draw(LABELS),
        from_day=draw(st.sampled_from([None, first])),
        until=draw(st.sampled_from([None, last])),
        skus=draw(SKUS),
        used=draw(UNITS),
        own=draw(some(Own)),
    )


QUOTAS = named(quotas())
PROTECTIONS = named(protections())
SOME_BUFFERS = named(BUFFERS)


def segment(
    draw: st.DrawFn, name: str, by_place: Mapping[int, AllocationPolicy], *, may_keep: bool
) -> Segment:
    place = draw(st.sampled_from(sorted(by_place)))
    return Segment(
        name,
        include=draw(CONDITIONS),
        exclude=draw(CONDITIONS),
        contract=draw(st.sampled_from([None, *LOOSE, *(KEEPING if may_keep else [])])),
        policy=by_place[place] if draw(FLAGS) else None,
        place=place,
        ship=draw(SHIPS) if draw(FLAGS) else None,
        reserve=draw(RESERVES) if draw(FLAGS) else None,
    )


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    """Give configurations in the form in which they are read."""
    split = draw(st.sampled_from(SPLITS))
    placings: list[Placing] = [InLocationOrder(draw(PLACES), split=split)]
    placings += [FewestShipments(split=split), FullestFirst(split=split)]
    placing = draw(st.sampled_from(placings))
    if split == "never":
        return Configuration(policy=draw(POLICIES), placing=placing)
    waits = draw(FLAGS)
    together = draw(st.sampled_from([None, Together(), Together(shipments=2)]))
    any_of = ORDERED if waits or together else POLICIES
    within = draw(any_of)
    by_place = {0: within, 1: draw(any_of), -1: draw(any_of)}
    return Configuration(
        policy=Rules(
            within,
            segments=[
                segment(draw, name, by_place, may_keep=together is None)
                for name in draw(few(NAMES))
            ],
            quotas=draw(QUOTAS),
            protections=draw(PROTECTIONS),
            buffers=draw(SOME_BUFFERS),
            reserve=draw(RESERVES),
            ship=draw(SHIPS),
            waits=waits,
            disturb=draw(st.sampled_from(DISTURBANCES)),
            together=together,
            frozen=draw(FROZEN),
        ),
        placing=placing,
    )
