"""
The JSON Schemas (2020-12) of the documents, made from the table of their fields.

    python -m backorderkit.formats.schemas     (writes the files shipped beside this one)
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, get_args

from backorderkit.errors import InvalidValueError
from backorderkit.formats import fields as f
from backorderkit.formats.certificates import DIGEST
from backorderkit.formats.comparisons import (
    FAIRNESS_INDEXES,
    PLANNED_QUANTITIES,
    PLANNED_VALUES,
    RATIO_PLACES,
)
from backorderkit.formats.configuration_schema import Schema, configuration_schema
from backorderkit.formats.explanations import (
    REMEDY_QUANTITIES,
    REMEDY_TEXTS,
    REMEDY_TIMES,
)
from backorderkit.formats.plans import LINE_QUANTITIES, TOTAL_QUANTITIES
from backorderkit.model._checks import MAX_INTEGER, MOST_DIGITS
from backorderkit.model.times import ISO_TIME
from backorderkit.model.units import MAX_DECIMALS, MAX_QUANTITY
from backorderkit.planning import BlockerKind
from backorderkit.policies import Contract, Floor
from backorderkit.promising import (
    RESCUE_KINDS,
    SLIP_KINDS,
    VERDICTS,
    FairnessCounting,
    FairnessOf,
)

Document = Literal[
    "snapshot",
    "plan",
    "impact",
    "comparison",
    "explanation",
    "preview",
    "certificate",
    "configuration",
]

# A `$` alone lets some readers of schemas overlook a line feed.
_TIME: Final = rf"^{ISO_TIME}$(?!\n)"
_FRACTION: Final = rf"(?:\.(?=[0-9])[0-9]{{0,{MAX_DECIMALS}}}0*)?"
_ZERO: Final = r"-0+(?:\.0+)?"
_QUANTITY: Final = rf"^(?:\+?[0-9]+{_FRACTION}|{_ZERO})$(?!\n)"
_POSITIVE: Final = rf"^(?=.*[1-9])\+?[0-9]+{_FRACTION}$(?!\n)"
_TEXT: Final[Schema] = {"type": "string"}
_MOMENT: Final[Schema] = {"type": "string", "pattern": _TIME}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
# Sums may exceed what one quantity may be.
_SUM: Final[Schema] = {"anyOf": [_COUNT, {"type": "string", "pattern": _QUANTITY}]}
_DIFFERENCE: Final[Schema] = {
    "anyOf": [
        {"type": "integer"},
        {"type": "string", "pattern": rf"^-?[0-9]+{_FRACTION}$(?!\n)"},
    ]
}
_RATIO: Final = rf"^[01]\.[0-9]{{{RATIO_PLACES}}}$(?!\n)"
_MONEY: Final[Schema] = {"type": "string", "pattern": r"^[0-9]+(?:\.[0-9]+)?$(?!\n)"}
_PRICE: Final = rf"^(?:\+?[0-9]+(?:\.[0-9]+)?|{_ZERO})$(?!\n)"


def schema(document: Document) -> Schema:
    """
    Give the JSON Schema of a document, as shipped with the package.

    It says what each field may hold.  What must hold between fields (unique ids,
    decimals of an item, ...) is beyond a schema; reading checks that, too.

    Raises:
        InvalidValueError: if there is no such document.

    >>> schema("plan")["title"]
    'backorderkit plan, format 1'
    """
    if document not in get_args(Document):
        reason = f"must be one of {', '.join(get_args(Document))}"
        raise InvalidValueError(field="document", value=document, reason=reason)
    text = files("backorderkit.formats").joinpath(f"{document}.schema.json").read_text("utf-8")
    loaded: Schema = json.loads(text)
    return loaded


def make_schema(document: Document) -> Schema:
    """Make the JSON Schema of a document from the table of its fields."""
    bodies = {
        "snapshot": _snapshot,
        "plan": _plan,
        "impact": _impact,
        "comparison": _comparison,
        "explanation": _explanation,
        "preview": _preview,
        "certificate": _certificate,
        "configuration": configuration_schema,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"backorderkit {document}, format {f.FORMAT}",
        **bodies[document](),
    }


def _snapshot() -> Schema:
    properties: dict[str, Schema] = {
        "format": {"enum": [f.FORMAT, None]},
        "as_of": _field(f.Field("as_of", "time", "The moment.")),
    }
    for section, record in f.SECTIONS.items():
        extra = dict[str, Schema]()
        if section in f.CHILDREN:
            name, child = f.CHILDREN[section]
            extra[name] = _list(_record(child), nullable=section == "backorders")
        properties[section] = _list(
            _record(record, extra, required=("lines",) if section == "orders" else ())
        )
    return _object(properties, ())


def _plan() -> Schema:
    text, time, quantity = _TEXT, _MOMENT, _SUM
    promise = {"quantity": quantity, "due": time, "receipt": _or_null(text)}
    promises = _list(_object(promise), nullable=False)
    whose = {"order": text, "line": text}
    placed = {"location": text, "quantity": quantity}
    kinds: Schema = {"enum": sorted(get_args(BlockerKind))}
    line = _object(
        {
            **whose,
            "sku": text,
            **dict.fromkeys(LINE_QUANTITIES, quantity),
            "allocations": _list(_object(placed), nullable=False),
            "promises": promises,
            "unpromised": quantity,
            "reason": text,
            "blockers": _list(_object({"kind": kinds, "quantity": quantity}), nullable=False),
        }
    )
    changes: list[Schema] = [
        _object({"type": {"const": name}, **whose, **facts})
        for name, facts in (
            ("allocated", placed),
            ("released", placed),
            ("backordered", {"quantity": quantity}),
            ("promised", {"promises": promises}),
        )
    ]
    sums = _object({"unit": text, **dict.fromkeys(TOTAL_QUANTITIES, quantity)})
    totals = _object({"lines": {"type": "integer"}, "by_unit": _list(sums, nullable=False)})
    return _with_optional(
        {
            "format": {"const": f.FORMAT},
            "as_of": time,
            "policy": text,
            "lines": _list(line, nullable=False),
            "changes": _list({"oneOf": changes}, nullable=False),
            "totals": totals,
        },
        {"broken": _broken(), "set_aside": _set_aside()},
    )


def _broken() -> Schema:
    hard = [floor for floor in get_args(Floor) if Contract(floor=floor).is_hard]
    broken: dict[str, Schema] = {
        **dict.fromkeys(("order", "line", "sku", "segment"), _TEXT),
        "floor": {"enum": hard},
        "by": _MOMENT,
        **dict.fromkeys(("owed", "got"), _SUM),
    }
    return _list(_object(broken), nullable=False)


def _set_aside() -> Schema:
    allocated = dict.fromkeys(("order", "line", "sku", "location"), _TEXT)
    kinds: dict[str, dict[str, Schema]] = {
        "sku": {"sku": _TEXT},
        "order": {"order": _TEXT},
        "allocation": {**allocated, "quantity": _SUM},
        "problem": dict.fromkeys(("path", "field", "reason", "text"), _TEXT),
    }
    records: list[Schema] = [
        _object({"type": {"const": name}, **facts}) for name, facts in kinds.items()
    ]
    return _list({"oneOf": records}, nullable=False)


def _impact() -> Schema:
    expected = _object({"quantity": _SUM, "due": _MOMENT})
    receipt: dict[str, Schema] = dict.fromkeys(("receipt", "sku", "location", "supplier"), _TEXT)
    line: dict[str, Schema] = {
        **dict.fromkeys(("order", "line", "sku", "customer"), _TEXT),
        "kind": {"enum": list(SLIP_KINDS)},
        "quantity": _SUM,
        **dict.fromkeys(("before", "after"), _or_null(_MOMENT)),
        "days_later": {"type": ["integer", "null"]},
        "requested": _or_null(_MOMENT),
        "missed_before": {"type": "boolean"},
        "missed": {"type": "boolean"},
        "value": _or_null(_MONEY),
        "currency": _or_null(_TEXT),
    }
    rescue: dict[str, Schema] = {
        "kind": {"enum": list(RESCUE_KINDS)},
        **dict.fromkeys(("order", "line", "sku"), _TEXT),
        **dict.fromkeys(("saves", "quantity"), _SUM),
        "due": _MOMENT,
        "location": _TEXT,
        **dict.fromkeys(("origin", "receipt", "hold"), _or_null(_TEXT)),
    }
    units = _object({"unit": _TEXT, **dict.fromkeys(SLIP_KINDS, _SUM)})
    values = _object({"currency": _TEXT, **dict.fromkeys(SLIP_KINDS, _MONEY)})
    sums: dict[str, Schema] = {
        **dict.fromkeys(("lines", "missed", "unpriced"), _COUNT),
        "by_unit": _list(units, nullable=False),
        "by_currency": _list(values, nullable=False),
    }
    lists = {
        "receipts": {**receipt, "before": expected, "after": _or_null(expected)},
        "lines": line,
        "rescues": rescue,
        "by_customer": {"customer": _TEXT, **sums},
        "by_order": {"order": _TEXT, **sums},
    }
    return _with_optional(
        {
            "format": {"const": f.FORMAT},
            "as_of": _MOMENT,
            "policy": _TEXT,
            **{name: _list(_object(each), nullable=False) for name, each in lists.items()},
            "totals": _object(sums),
        },
        {"set_aside": _set_aside()},
    )


def _comparison() -> Schema:
    planned: dict[str, Schema] = dict.fromkeys(PLANNED_QUANTITIES, _SUM)
    values: dict[str, Schema] = dict.fromkeys(PLANNED_VALUES, _MONEY)
    ratio: Schema = _or_null({"type": "string", "pattern": _RATIO})
    verdict: Schema = {"enum": list(VERDICTS)}
    moved: dict[str, Schema] = {"sooner": _SUM, "later": _SUM, "unit_days": _DIFFERENCE}
    shift: dict[str, Schema] = {
        "quantity": _SUM,
        "kind": {"enum": list(SLIP_KINDS)},
        **dict.fromkeys(("one", "other"), _or_null(_MOMENT)),
        "allocated": {"enum": ["one", "other", None]},
        "days_later": {"type": ["integer", "null"]},
    }
    line: dict[str, Schema] = {
        **dict.fromkeys(("order", "line", "sku", "customer"), _TEXT),
        "verdict": verdict,
        "unit": _TEXT,
        "outstanding": _SUM,
        "requested": _or_null(_MOMENT),
        **_sides(planned),
        **moved,
        **dict.fromkeys(("sooner_value", "later_value"), _or_null(_MONEY)),
        "currency": _or_null(_TEXT),
        "shifts": _list(_object(shift), nullable=False),
    }
    units = {
        **dict.fromkeys(("unit",), _TEXT),
        **dict.fromkeys(("outstanding", "requested"), _SUM),
        **_sides({**planned, "nervousness": ratio}),
        **moved,
    }
    money = {"currency": _TEXT, **_sides(values), "sooner": _MONEY, "later": _MONEY}
    sums: dict[str, Schema] = {
        "verdict": verdict,
        **dict.fromkeys(("lines", "wins", "loses", "mixed", "unpriced"), _COUNT),
        "by_unit": _list(_object(units), nullable=False),
        "by_currency": _list(_object(money), nullable=False),
    }
    fairness: dict[str, Schema] = {
        "unit": _TEXT,
        "of": {"enum": list(get_args(FairnessOf))},
        "counting": {"enum": list(get_args(FairnessCounting))},
        **_sides({"count": _COUNT, **dict.fromkeys(FAIRNESS_INDEXES, ratio)}),
    }
    lists = {
        "lines": line,
        "by_customer": {"customer": _TEXT, **sums},
        "by_order": {"order": _TEXT, **sums},
        "fairness": fairness,
    }
    return _with_optional(
        {
            "format": {"const": f.FORMAT},
            "as_of": _MOMENT,
            **dict.fromkeys(("one", "other"), _TEXT),
            **{name: _list(_object(each), nullable=False) for name, each in lists.items()},
            "totals": _object(sums),
        },
        {"set_aside": _set_aside()},
    )


def _explanation() -> Schema:
    promise = _object({"quantity": _SUM, "due": _MOMENT, "receipt": _TEXT})
    promises = _list(promise, nullable=False)
    gets: dict[str, Schema] = dict.fromkeys(("outstanding", "allocated", "unpromised"), _SUM)
    blocker = _object({"kind": {"enum": sorted(get_args(BlockerKind))}, "quantity": _SUM})
    served = _object(
        {
            **dict.fromkeys(("order", "line", "location"), _TEXT),
            "quantity": _SUM,
            "receipt": _or_null(_TEXT),
        }
    )
    # Levers of a host bring kinds of their own.
    answer: dict[str, Schema] = {
        "kind": _TEXT,
        **dict.fromkeys(REMEDY_TEXTS, _or_null(_TEXT)),
        **dict.fromkeys(REMEDY_QUANTITIES, _or_null(_SUM)),
        **dict.fromkeys(REMEDY_TIMES, _or_null(_MOMENT)),
        "priority": {"type": ["integer", "null"]},
        "by": _or_null(_MOMENT),
        "is_least": {"type": "boolean"},
        "outcome": _object({**gets, "promises": promises}),
        "sentence": _TEXT,
    }
    return _with_optional(
        {
            "format": {"const": f.FORMAT},
            "as_of": _MOMENT,
            **dict.fromkeys(("policy", "order", "line", "sku", "unit"), _TEXT),
            **gets,
            "sentence": _TEXT,
            "by": _or_null(_MOMENT),
            "is_served": {"type": "boolean"},
            "tried": _list(_TEXT, nullable=False),
            "promises": promises,
            "blockers": _list(blocker, nullable=False),
            **dict.fromkeys(("served", "promised"), _list(served, nullable=False)),
            "answers": _list(_object(answer), nullable=False),
        },
        {"set_aside": _set_aside()},
    )


def _preview() -> Schema:
    held: dict[str, Schema] = dict.fromkeys(("outstanding", "allocated"), _SUM)
    segment: dict[str, Schema] = {
        "segment": _or_null(_TEXT),
        **dict.fromkeys(("lines", "also"), _COUNT),
        "by_unit": _list(_object({"unit": _TEXT, **held}), nullable=False),
    }
    line: dict[str, Schema] = {
        **dict.fromkeys(("order", "line", "sku"), _TEXT),
        **held,
        "segment": _or_null(_TEXT),
        "also": _list(_TEXT, nullable=False),
    }
    lists = {"segments": segment, "lines": line}
    return _with_optional(
        {
            "format": {"const": f.FORMAT},
            "as_of": _MOMENT,
            **{name: _list(_object(each), nullable=False) for name, each in lists.items()},
        },
        {"set_aside": _set_aside()},
    )


def _sides(properties: dict[str, Schema]) -> dict[str, Schema]:
    return {"one": _object(properties), "other": _object(properties)}


def _with_optional(required: dict[str, Schema], optional: dict[str, Schema]) -> Schema:
    return _object({**required, **optional}, tuple(required))


def _certificate() -> Schema:
    named: Schema = {"type": "string", "minLength": 1}
    configuration: dict[str, Schema] = {
        "policy": _TEXT,
        "rule": _or_null(named),
        "options": {"type": "object", "additionalProperties": _TEXT},
        "version": named,
        "format": {"type": "integer", "minimum": 1, "maximum": MAX_INTEGER},
    }
    digest: Schema = {"type": "string", "pattern": DIGEST}
    return _object(
        {
            "format": {"const": f.FORMAT},
            "configuration": _object(
                configuration, tuple(name for name in configuration if name != "rule")
            ),
            "digests": _with_optional(
                dict.fromkeys(("input", "configuration", "output"), digest), {"rules": digest}
            ),
        }
    )


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _record(
    record: f.Record, extra: dict[str, Schema] | None = None, required: tuple[str, ...] = ()
) -> Schema:
    names = (*(field.name for field in record if field.required), *required)
    return _object({field.name: _field(field) for field in record} | (extra or {}), names)


def _object(properties: dict[str, Schema], required: tuple[str, ...] | None = None) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties if required is None else required),
        "properties": dict(properties),
    }


def _list(items: Schema, *, nullable: bool = True) -> Schema:
    return {"type": ["array", "null"] if nullable else "array", "items": items}


def _field(field: f.Field) -> Schema:
    null: list[Schema] = [] if field.required else [{"type": "null"}]
    described: Schema = {"description": field.about}
    if not field.required:
        described["default"] = field.default
    return {**described, "anyOf": [*_kinds(field), *null]}


def _kinds(field: f.Field) -> list[Schema]:
    kinds: dict[f.FieldKind, list[Schema]] = {
        "id": [{"type": "string", "minLength": 1}],
        "label": [{"type": "string"}],
        "choice": [{"enum": list(field.choices)}],
        "flag": [{"type": "boolean"}],
        "time": [{"type": "string", "pattern": _TIME}],
        "integer": [_integer(field)],
        "quantity": _quantity(least=field.least or 0),
        "price": [
            {"type": "number", "minimum": 0, "exclusiveMaximum": 10**MOST_DIGITS},
            {"type": "string", "pattern": _PRICE, "maxLength": MOST_DIGITS},
        ],
    }
    return kinds[field.kind]


def _integer(field: f.Field) -> Schema:
    if field.name == "decimals":
        return {"type": "integer", "minimum": 0, "maximum": MAX_DECIMALS}
    least = -MAX_INTEGER if field.least is None else field.least
    return {"type": "integer", "minimum": least, "maximum": MAX_INTEGER}


def _quantity(*, least: int) -> list[Schema]:
    # Half a unit may be a valid quantity, so only the sign can be told here.
    bound: Schema = {"exclusiveMinimum": 0} if least else {"minimum": 0}
    return [
        {"type": "number", **bound, "maximum": MAX_QUANTITY},
        {
            "type": "string",
            "pattern": _POSITIVE if least else _QUANTITY,
            "maxLength": MOST_DIGITS,
        },
    ]


def main() -> None:
    """Write the schemas beside this file."""
    for document in get_args(Document):
        text = json.dumps(make_schema(document), indent=2) + "\n"
        Path(__file__).with_name(f"{document}.schema.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
