"""Contracts that cannot be kept, as plans list them."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest

from backorderkit import (
    Contract,
    Fifo,
    InvalidInputError,
    InvalidValueError,
    Order,
    Plan,
    Segment,
    Snapshot,
    plan,
)
from backorderkit.checking import PlannedBreak
from backorderkit.formats import dumps_plan, loads_plan, loads_snapshot, schema
from backorderkit.model import LineId, OrderId, Sku, read_time
from backorderkit.policies import Rules

VALIDATOR = jsonschema.Draft202012Validator(schema("plan"))
BOOK = """{
  "as_of": "2026-01-05T09:00:00Z",
  "items": [{"sku": "BEANS", "unit": "kg", "decimals": 2}],
  "stock": [{"sku": "BEANS", "on_hand": "1.25"}],
  "orders": [{"id": "SO-1", "placed_at": "2026-01-02",
    "lines": [{"id": "1", "sku": "BEANS", "ordered": "2.5", "requested": "2026-01-09"}]}]
}"""


def made() -> Plan:
    all_of_it = Segment("all", contract=Contract(floor="full-or-raise"))
    return plan(loads_snapshot(BOOK), policy=Rules(Fifo(), segments=[all_of_it]))


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dumps_plan(made()))
    return found


def test_a_broken_contract_is_written_in_the_units_of_its_item() -> None:
    found = document()

    assert found["broken"] == [
        {
            "order": "SO-1",
            "line": "1",
            "sku": "BEANS",
            "segment": "all",
            "floor": "full-or-raise",
            "by": "2026-01-09T00:00:00Z",
            "owed": "2.5",
            "got": "1.25",
        }
    ]
    assert list(found)[-2:] == ["broken", "totals"]
    VALIDATOR.validate(found)


def test_a_plan_that_breaks_none_has_no_such_list() -> None:
    book = Snapshot.of(
        as_of="2026-01-05", stock={"MUG": 3}, orders=[Order.of("SO-1", "2026-01-02", {"MUG": 5})]
    )

    assert "broken" not in json.loads(dumps_plan(plan(book, policy=Rules(Fifo()))))


def test_it_is_read_back() -> None:
    read = loads_plan(dumps_plan(made()), snapshot=loads_snapshot(BOOK))

    (found,) = read.broken
    assert found == PlannedBreak(
        order=OrderId("SO-1"),
        line=LineId("1"),
        sku=Sku("BEANS"),
        segment="all",
        floor="full-or-raise",
        by=read_time("2026-01-09"),
        owed=250,
        got=125,
    )
    assert found.key == ("SO-1", "1")


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("floor", "none", "got 'none', must be one of keep-or-raise, full-or-raise"),
        ("owed", "2.555", "got '2.555', must fit 2 decimals"),
        ("sku", "MUG", "got 'MUG', must be one of the items"),
        ("by", None, "got nothing, must be given"),
        ("segment", 3, "got 3, must be a string"),
    ],
)
def test_what_cannot_be_read_is_named(field: str, value: object, problem: str) -> None:
    changed = copy.deepcopy(document())
    changed["broken"][0][field] = value

    with pytest.raises(InvalidInputError) as caught:
        loads_plan(json.dumps(changed), snapshot=loads_snapshot(BOOK))

    assert f"plan: broken[0].{field}: {problem}" in [str(each) for each in caught.value.exceptions]


def test_a_list_that_is_none_is_refused() -> None:
    values: tuple[object, ...] = (3, [3], {})
    for value in values:
        changed = {**document(), "broken": value}

        with pytest.raises(InvalidInputError, match="1 problem"):
            loads_plan(json.dumps(changed), snapshot=loads_snapshot(BOOK))
        assert not VALIDATOR.is_valid(changed)


def test_the_value_refuses_what_it_cannot_mean() -> None:
    (good,) = loads_plan(dumps_plan(made()), snapshot=loads_snapshot(BOOK)).broken

    with pytest.raises(InvalidValueError, match="got: got -1, must be >= 0"):
        PlannedBreak(
            order=good.order,
            line=good.line,
            sku=good.sku,
            segment=good.segment,
            floor=good.floor,
            by=good.by,
            owed=good.owed,
            got=-1,
        )
