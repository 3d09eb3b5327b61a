"""Reads and writes configurations as TOML files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from backorderkit.errors import InvalidInputError
from backorderkit.formats import configuration_keys as k
from backorderkit.formats.configuration import Configuration
from backorderkit.formats.configuration_reader import TableReader, Tree, parse_toml
from backorderkit.formats.files import PathLike, read_file, write_text
from backorderkit.model._consistency import problem_count
from backorderkit.policies import (
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
    Contract,
    FairShare,
    FewestShipments,
    Fifo,
    Frozen,
    FullestFirst,
    InLocationOrder,
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
    Values,
    check_segments,
)

_Made = TypeVar("_Made")

_SINGLE: Final[Mapping[str, Callable[..., Any]]] = {
    "ship": ShipRule,
    "reserve": Reserve,
    "together": Together,
    "frozen": Frozen,
}
"""The tables of rules that are one value each."""


def loads_configuration(text: str | bytes, *, name: str = "configuration") -> Configuration:
    r"""
    Read a configuration from the text of a TOML file.

    Args:
        text: The file; bytes must be UTF-8.
        name: What the file is called in problems.

    Raises:
        InvalidInputError: with every problem of the file, each with its place, such as
            ``quotas[1].rooms[0].units``; or with line and column, if it is no TOML.

    >>> made = loads_configuration('policy = "priority"\nship = {whole = true}')
    >>> made.policy.name
    'priority, rules: ship rules'
    """
    builder = _Builder(name)
    made = builder.configuration(parse_toml(text, name))
    if made is None or builder.problems:
        raise InvalidInputError(problem_count(name, len(builder.problems)), builder.problems)
    return made


def read_configuration(path: PathLike) -> Configuration:
    """
    Read a configuration from a TOML file.

    Raises:
        InvalidInputError: with every problem of the file; also if it cannot be read.
    """
    name = Path(path).name or os.fspath(path) or "path"
    return loads_configuration(read_file(path, name), name=name)


def dumps_configuration(configuration: Configuration) -> str:
    """
    Write a configuration as the text of a TOML file.

    Reading it back gives an equal configuration.  Configurations that mean the same
    have one text: what is the default is left out, and sets are sorted.
    """
    return configuration.text


def write_configuration(configuration: Configuration, path: PathLike) -> None:
    """
    Write a configuration to a TOML file.

    Raises:
        OSError: if it cannot be written; no file is ever left half written.
    """
    write_text(path, (configuration.text,))


class _Builder(TableReader):
    """Makes values of tables; None where something in them is refused."""

    def configuration(self, raw: Mapping[str, object]) -> Configuration | None:
        top = self.parts("", raw, k.TOP)
        policy = self._policy("policy", top["policy"]) if "policy" in top else None
        placing = self._placing(top)
        values = self._values(top)
        if policy is None:
            return None
        rules = self._rules(policy, values) if values else policy
        if rules is None or placing is None:
            return None
        return self.made(
            "",
            Configuration,
            policy=rules,
            placing=placing,
            renamed={"placing": "split"},
        )

    def _values(self, top: Tree) -> Tree:
        """Make the parts of rules; of a list in which one is bad there is none."""
        values: Tree = {
            field: self.made(field, make, **top[field])
            for field, make in _SINGLE.items()
            if field in top
        }
        values |= {name: top[name] for name in ("waits", "disturb") if name in top}
        for field, build in (
            ("segments", self._segment),
            ("quotas", self._quota),
            ("protections", self._protection),
            ("buffers", self._buffer),
        ):
            values[field] = self._all(field, top.get(field, ()), build)
            if values[field] is None:
                self._check_names(field, top[field])
        return {field: value for field, value in values.items() if value is not None}

    def _rules(self, policy: AllocationPolicy, values: Tree) -> AllocationPolicy | None:
        """Put them together; what does not fit together is a problem, too."""
        segments = self.made("", check_segments, values.pop("segments", ()))
        return self.made("", Rules, policy, segments=segments or (), **values)

    def _check_names(self, field: str, tables: Iterable[Tree | None]) -> None:
        """Refuse names that come twice where not all can be put together."""
        names = set[str]()
        for place, table in enumerate(tables):
            name = None if table is None else table["name"]
            if name in names:
                self.refuse(f"{field}[{place}].name", name, "must be unique")
            if name is not None:
                names.add(name)

    def _all(
        self,
        path: str,
        tables: Iterable[Tree | None],
        build: Callable[[str, Tree], _Made | None],
    ) -> list[_Made] | None:
        """Make a value of each table; None if one cannot be."""
        made = [
            None if table is None else build(f"{path}[{place}]", table)
            for place, table in enumerate(tables)
        ]
        good = [each for each in made if each is not None]
        return good if len(good) == len(made) else None

    def _part(self, path: str, tree: Tree, field: str, make: Callable[..., _Made]) -> _Made | None:
        return self.made(f"{path}.{field}", make, **tree[field]) if field in tree else None

    def _policy(self, path: str, tree: Tree) -> AllocationPolicy | None:
        options = {key: value for key, value in tree.items() if key != "name"}
        if "within" in options:
            options["within"] = self._policy(f"{path}.within", options["within"])
            if options["within"] is None:
                return None
        match tree["name"]:
            case "fifo":
                return Fifo()
            case "priority":
                return self.made(path, Priority, **options)
            case "fair-share":
                return self.made(path, FairShare, **options)
            case _:
                by = self._all(f"{path}.by", options.pop("by"), self._rank)
                options["name"] = options.pop("called", "ranked")
                if by is None:
                    return None
                key = by[0] if len(by) == 1 else Chain(keys=by)
                return self.made(path, Ranked, key=key, **options)

    def _rank(self, path: str, tree: Tree) -> Callable[..., Any] | None:
        options = {key: value for key, value in tree.items() if key != "key"}
        match tree["key"]:
            case "priority":
                return ByPriority()
            case "placed":
                return self.made(path, ByPlaced, **options)
            case "requested":
                return self.made(path, ByRequested, **options)
            case "list":
                return self.made(path, ByList, **options)
            case "line-value":
                return self.made(path, ByLineValue, **options)
            case _:
                return self.made(path, ByAge, step=timedelta(**options), renamed={"step": "days"})

    def _placing(self, top: Tree) -> Placing | None:
        split, locations = top.get("split", "allowed"), top.get("locations")
        named = top.get("placing", "location-order")
        if named == "location-order":
            return self.made("", InLocationOrder, locations, split=split)
        if locations is not None:
            self.refuse("locations", locations, f"must be left out: the placing is {named}")
        if named == "fewest-shipments":
            return self.made("", FewestShipments, split=split)
        return self.made("", FullestFirst, split=split)

    def _segment(self, path: str, tree: Tree) -> Segment | None:
        before = len(self.problems)
        values = dict(tree)
        for field, make in (("contract", Contract), ("ship", ShipRule), ("reserve", Reserve)):
            values[field] = self._part(path, tree, field, make)
        if "policy" in tree:
            values["policy"] = self._policy(f"{path}.policy", tree["policy"])
        for field in ("include", "exclude"):
            values[field] = self._all(f"{path}.{field}", tree.get(field, ()), self._condition)
        return None if len(self.problems) > before else self.made(path, Segment, **values)

    def _condition(self, path: str, tree: Tree) -> Condition | None:
        return self.made(path, Condition, **tree)

    def _quota(self, path: str, tree: Tree) -> Quota | None:
        values = dict(tree)
        rooms, used = dict[Values, Room](), dict[tuple[Values, date | None], int]()
        places = dict[str, str]()
        before = len(self.problems)
        for place, room in enumerate(tree["rooms"]):
            where, key = f"rooms[{place}]", tuple(room["values"])
            self._check_values(f"{path}.{where}.values", key, tree["by"])
            if key in rooms:
                self.refuse(f"{path}.{where}.values", list(key), "must be listed once")
            rooms[key] = self._room(f"{path}.{where}", room)
            for index, each in enumerate(room.get("periods", ())):
                start = f"rooms[{key!r}][{each['start']!r}]"
                places[start] = f"{where}.periods[{index}].start"
            places[f"rooms[{key!r}]"] = f"{where}.values"
        for place, entry in enumerate(tree.get("used", ())):
            where, had = f"used[{place}]", (tuple(entry["values"]), entry.get("start"))
            self._check_values(f"{path}.{where}.values", had[0], tree["by"])
            if had in used:
                self.refuse(f"{path}.{where}.values", list(had[0]), "must be listed once")
            used[had] = entry["units"]
            places[f"used[{had!r}]"] = where
        if len(self.problems) > before:
            return None
        values.update(rooms=rooms, used=used, period=tree.get("period"))
        return self.made(path, Quota, renamed=places, **values)

    def _check_values(self, path: str, values: Values, by: Sequence[str]) -> None:
        if len(values) != len(by):
            self.refuse(path, list(values), f"must have a value for each of {', '.join(by)}")

    def _room(self, path: str, tree: Tree) -> Room:
        """Give the units of a room, for each period or for some."""
        if "periods" not in tree:
            if "units" not in tree:
                self.refuse(f"{path}.units", None, "must be given, or periods")
            units: int = tree.get("units", 0)
            return units
        if "units" in tree:
            self.refuse(f"{path}.units", tree["units"], "must be left out beside periods")
        periods = dict[date, int]()
        for place, each in enumerate(tree["periods"]):
            if each["start"] in periods:
                where = f"{path}.periods[{place}].start"
                self.refuse(where, each["start"].isoformat(), "must be listed once")
            periods[each["start"]] = each["units"]
        return periods

    def _protection(self, path: str, tree: Tree) -> Protection | None:
        renamed = {f"group[{name!r}]": f"group.{name}" for name in tree["group"]}
        return self.made(path, Protection, renamed=renamed, **tree)

    def _buffer(self, path: str, tree: Tree) -> Buffer | None:
        return self.made(path, Buffer, **tree)
