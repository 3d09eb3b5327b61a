"""The JSON Schema of a configuration file, made from the table of its keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from backorderkit.formats import configuration_keys as k
from backorderkit.model._checks import MAX_INTEGER

Schema = dict[str, "Json"]
Json = Schema | Sequence["Json"] | str | int | bool | None

_DAY: Final = r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$(?!\n)"
_PERCENT: Final = r"^\+?[0-9]+(?:\.[0-9]+|/\+?[0-9]+)?$(?!\n)"
_TEXT: Final[Schema] = {"type": "string", "minLength": 1}
_LABEL: Final[Schema] = {"type": "string"}
_WHOLE: Final[Schema] = {"type": "integer", "minimum": -MAX_INTEGER, "maximum": MAX_INTEGER}
_VALUE: Final[Schema] = {"type": ["string", "number"]}
_PLAIN: Final[dict[k.KeyKind, Schema]] = {
    "text": _TEXT,
    "label": _LABEL,
    "flag": {"type": "boolean"},
    "day": {"type": "string", "pattern": _DAY},
    "percent": {
        "anyOf": [
            {"type": "number", "minimum": 0, "maximum": 100},
            {"type": "string", "pattern": _PERCENT},
        ]
    },
    "value": _VALUE,
    "policy": {"$ref": "#/$defs/policy"},
}
_ENTRIES: Final[dict[k.KeyKind, Schema]] = {
    "wholes": _WHOLE,
    "names": _TEXT,
    "labels": _LABEL,
    "pairs": {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 2},
    "values": _VALUE,
    "groups": {"anyOf": [_LABEL, _WHOLE]},
    "ranks": {"$ref": "#/$defs/ranks"},
}


def configuration_schema() -> Schema:
    """
    Give the body of the schema.

    TOML's dates and times are texts in it, as they are to whoever validates TOML by a
    JSON Schema.
    """
    return {
        **_table(k.TOP),
        "$defs": {kind: _tagged(*tagged) for kind, tagged in k.TAGS.items()},
    }


def _table(keys: k.Table, first: Mapping[str, Schema] | None = None) -> Schema:
    required = [*(first or {}), *(key.name for key in keys if key.required)]
    properties: Schema = {**(first or {}), **{key.name: _described(key) for key in keys}}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def _described(key: k.Key) -> Schema:
    described: Schema = {"description": key.about, **_key(key)}
    return described if key.default is None else {**described, "default": key.default}


def _key(key: k.Key) -> Schema:
    if key.kind in _PLAIN:
        return _PLAIN[key.kind]
    match key.kind:
        case "table":
            return {**_table(key.of), "minProperties": key.least or 0}
        case "choice":
            return {"enum": list(key.choices)}
        case "whole":
            least = -MAX_INTEGER if key.least is None else key.least
            most = MAX_INTEGER if key.most is None else key.most
            return {"type": "integer", "minimum": least, "maximum": most}
        case _:
            return {"type": "array", "items": _entry(key), "minItems": key.least or 0}


def _entry(key: k.Key) -> Schema:
    if key.kind == "tables":
        return _table(key.of)
    return {"enum": list(key.choices)} if key.kind == "choices" else _ENTRIES[key.kind]


def _tagged(tag: str, variants: Mapping[str, k.Table]) -> Schema:
    """Give a text, or a table in which a key has that text; only that where it is not enough."""
    bare: list[Json] = [
        name for name, keys in variants.items() if not any(key.required for key in keys)
    ]
    tables = [_table(keys, {tag: {"const": name}}) for name, keys in variants.items()]
    return {"anyOf": [{"enum": bare}, *tables]}
