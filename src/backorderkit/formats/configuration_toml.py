"""Writes a small part of TOML: tables of texts, whole numbers, truths, days and times."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from backorderkit.model.times import write_time

Toml = str | int | date | Sequence["Toml"] | Mapping[str, "Toml"]
"""What is written; keys are bare."""


def write_toml(document: Mapping[str, Toml]) -> str:
    r"""
    Write a document, tables and lists of tables behind what is plain.

    >>> print(write_toml({"a": 1, "b": {"c": "x"}, "d": [{"e": True}]}), end="")
    a = 1
    <BLANKLINE>
    [b]
    c = "x"
    <BLANKLINE>
    [[d]]
    e = true
    """
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(document: Mapping[str, Toml]) -> Iterator[str]:
    behind = dict[str, list[Mapping[str, Toml]]]()
    for key, value in document.items():
        if isinstance(value, Mapping):
            behind[f"[{key}]"] = [value]
        elif tables := _tables(value):
            behind[f"[[{key}]]"] = tables
        else:
            yield f"{key} = {_value(value)}"
    for head, tables in behind.items():
        for table in tables:
            yield ""
            yield head
            for key, value in table.items():
                yield f"{key} = {_value(value)}"


def _tables(value: Toml) -> list[Mapping[str, Toml]]:
    """Give the tables of a list of such; a list of something else has none."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _value(value: Toml) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        # The escapes of JSON are TOML's, which wants that of a delete, too.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + "}"
    if len(_tables(value)) > 1:
        # An inline table cannot be broken, but the list around it can.
        return "[\n" + "".join(f"  {_value(each)},\n" for each in value) + "]"
    return "[" + ", ".join(map(_value, value)) + "]"
