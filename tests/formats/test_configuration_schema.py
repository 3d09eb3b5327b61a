"""The schema of a configuration file and its reader agree on every value of every key."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from backorderkit import InvalidInputError
from backorderkit.formats import Configuration, loads_configuration, schema
from backorderkit.formats.configuration_keys import POLICIES, RANKS, TABLES
from backorderkit.model.times import write_time
from tests.formats.configured import FULL, configurations, to_toml, tree

VALIDATOR = jsonschema.Draft202012Validator(schema("configuration"))

Document = dict[str, Any]
Path = tuple[str | int, ...]

VALUES: tuple[object, ...] = (
    *(0, 1, -1, 101, 367, 86_400, 2**63, -(2**63), 1.0, 0.5, 1e300, True),
    *("", "*", "1.5", "100/3", "1e3", "12.5\n", "ranked"),
    *("2026-01-05", "2026-01-05\n", "2026-13-01", "2026-1-5", date(2026, 1, 6)),
    *([], [""], [3], [1.5], [2**63], [{}], [["SO-1", "1"]], [["SO-1"]], {}, {"name": "fifo"}),
)

# What a schema cannot say: how a value fits the others and its attribute.
BEYOND = re.compile(
    r"must be (< 2\*\*63|>= -9|left out|unique|the (fifo|mine)|>= from|>= and|mine|priority|<= )"
    r"|must be (1 where|0 where|none where|given, or periods|listed once|absent)"
    r"|must be a whole number( for|$)"
    r"|must be (a string|a decimal number|a finite|a time with|a date( |$)|the first day|> 0 for)"
    r"|must (have a value for each|fall under|split|name each|stand there|list each|not be False)"
    r"|must be a (positive timedelta|number from 0|non-empty string$)"
)


def places(value: object, path: Path = ()) -> Iterator[Path]:
    """Give the place of every value of a file, and of one key more in every table."""
    if path:
        yield path
    if isinstance(value, dict):
        for key in (*value, "unknown"):
            yield from places(value.get(key, 0), (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from places(each, (*path, index))


def put(document: Document, path: Path, value: object) -> Document:
    changed = copy.deepcopy(document)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def as_json(value: object) -> object:
    """Give a file as a validator of TOML sees it: days and times are texts."""
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: as_json(each) for key, each in value.items()}
    return [as_json(each) for each in value] if isinstance(value, list) else value


def pruned(path: Path) -> tuple[Document, Path]:
    """Give a file with little more than a place, since a schema takes its time."""
    top, rest = str(path[0]), path[1:]
    document: Document = {"policy": "priority", top: tree().get(top, 0)}
    if top != "segments" or len(rest) < 2:
        return document, path
    place: Any = document["segments"]
    found: list[str | int] = [top]
    for step in rest:
        found.append(0 if isinstance(step, int) else step)
        if isinstance(step, int) and isinstance(place, list):
            place[:] = [place[step]]
            place = place[0]
            continue
        for key in [key for key in place if key != step]:
            if isinstance(place[key], list | dict) and key not in {"by", "values", "currencies"}:
                del place[key]
        place = place.get(step)
        if not isinstance(place, list | dict):
            break
    return document, tuple(found)


def kind(path: Path) -> Path:
    """Give a place without the numbers of list entries, and of a policy without where it is."""
    return tuple("#" if isinstance(step, int) else step for step in path)


# One place of each kind will do; the entries of `include` differ by their attribute.
PLACES = list({path if "include" in path else kind(path): path for path in places(tree())}.values())


def test_the_file_has_every_key() -> None:
    asked = {
        (str(path[-2]) if isinstance(path[-2], str) else str(path[-3]), path[-1])
        for path in PLACES
        if len(path) > 1 and isinstance(path[-1], str)
    }
    for name, keys in TABLES.items():
        found = {key for table, key in asked if table == name} | (
            {str(path[0]) for path in PLACES} if name == "file" else set()
        )
        missing = {key.name for key in keys} - found
        assert name == "group" or not missing - {"starts_with"}, (name, missing)


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_a_value_is_valid_if_and_only_if_it_can_be_read(path: Path) -> None:
    small, path = pruned(path)
    for value in VALUES if path[-1] != "unknown" else (0, "x"):
        text = to_toml(put(small, path, value))
        valid = VALIDATOR.is_valid(as_json(tomllib.loads(text)))
        try:
            loads_configuration(text)
            reasons = []
        except InvalidInputError as error:
            reasons = [str(each.reason) for each in error.exceptions]  # type: ignore[union-attr]

        if valid:
            assert not [each for each in reasons if not BEYOND.match(each)], (value, reasons)
        else:
            assert reasons, (value, "the reader accepts what the schema refuses")


@given(made=configurations())
def test_what_is_written_is_valid(made: Configuration) -> None:
    VALIDATOR.validate(as_json(tomllib.loads(made.text)))


def test_the_schema_knows_every_variant() -> None:
    text = json.dumps(schema("configuration")["$defs"])

    for name in (*POLICIES, *RANKS):
        assert f'"{name}"' in text
    assert VALIDATOR.is_valid(as_json(tomllib.loads(FULL)))
