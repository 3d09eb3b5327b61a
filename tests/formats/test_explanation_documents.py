"""Explanations as documents."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backorderkit import AllocationPolicy, Fifo, LineId, OrderId, Snapshot
from backorderkit.formats import dumps_explanation, read_snapshot, schema, write_explanation
from backorderkit.promising import Answers, what_would_it_take
from backorderkit.testing import snapshots
from tests.laws.books import lines_of
from tests.laws.policies import POLICIES
from tests.promising.test_counterfactuals import ByPriority, ask, full

VALIDATOR = jsonschema.Draft202012Validator(schema("explanation"))
SHOP = Path(__file__).parents[2] / "docs" / "examples" / "shop.json"


def example() -> Answers:
    book = read_snapshot(SHOP)
    return what_would_it_take(book, OrderId("SO-1010"), LineId("1"), policy=Fifo())


def test_an_explanation_as_json_holds_all_there_is() -> None:
    document = json.loads(dumps_explanation(example()))

    answers = document.pop("answers")
    promises = [{"quantity": 12, "due": "2026-03-06T00:00:00Z", "receipt": "PO-318/1"}]
    assert document.pop("sentence").startswith("6 of 18 pcs allocated at WAREHOUSE; 18 pcs")
    assert document.pop("served")[0] == {
        "order": "SO-1001",
        "line": "1",
        "quantity": 4,
        "location": "SHOP",
        "receipt": None,
    }
    assert document.pop("promised")[0] == {
        "order": "SO-1018",
        "line": "2",
        "quantity": 2,
        "location": "WAREHOUSE",
        "receipt": "PO-318/2",
    }
    assert document.pop("tried") == [
        *("on-hand", "receipt-earlier", "receipt-larger", "safety-stock", "hold"),
        *("priority", "placed-earlier", "later", "smaller", "given-up", "quota", "protection"),
    ]
    assert document == {
        "format": 1,
        "as_of": "2026-03-02T08:00:00Z",
        "policy": "fifo",
        "order": "SO-1010",
        "line": "1",
        "sku": "MUG-BLUE",
        "unit": "pcs",
        "outstanding": 18,
        "allocated": 6,
        "unpromised": 0,
        "by": None,
        "is_served": False,
        "promises": promises,
        "blockers": [{"kind": "stock", "quantity": 12}],
    }
    assert [answer["kind"] for answer in answers] == ["on-hand", "later", "smaller", "given-up"]
    assert answers[1] == {
        "kind": "later",
        **dict.fromkeys(("location", "receipt", "hold", "before", "quota", "protection")),
        **dict.fromkeys(("quantity", "left")),
        "order": "SO-1010",
        "line": "1",
        "due": "2026-03-06T00:00:00Z",
        "placed_at": None,
        "priority": None,
        "by": "2026-03-06T00:00:00Z",
        "is_least": True,
        "outcome": {"outstanding": 18, "allocated": 6, "promises": promises, "unpromised": 0},
        "sentence": "Wanted by 2026-03-06, 6 of 18 pcs would be allocated now and"
        " 12 pcs would be promised for 2026-03-06.",
    }
    assert (answers[2]["quantity"], answers[2]["left"]) == (12, 6)


def test_every_kind_has_its_attributes_and_is_valid() -> None:
    document = json.loads(dumps_explanation(ask(full(), 2, by="2026-01-08")))

    VALIDATOR.validate(document)
    by_kind = {answer["kind"]: answer for answer in document["answers"]}
    assert by_kind["on-hand"]["location"] == "MAIN"
    assert by_kind["hold"]["hold"] == "cart-7"
    assert (by_kind["receipt-earlier"]["receipt"], by_kind["receipt-earlier"]["due"]) == (
        "PO-2",
        "2026-01-08T00:00:00Z",
    )
    assert by_kind["placed-earlier"]["before"] == "SO-1"
    assert by_kind["placed-earlier"]["placed_at"] == "2026-01-02T08:59:59.999999Z"


def test_a_lever_of_the_host_is_written_with_what_it_has() -> None:
    policies: AllocationPolicy = Fifo()
    found = ask(full(), 2, policy=policies, levers=[ByPriority()], by="2026-01-08")

    document = json.loads(dumps_explanation(found))

    VALIDATOR.validate(document)
    assert document["tried"] == ["by-priority"]


def test_an_explanation_is_written(tmp_path: Path) -> None:
    write_explanation(example(), tmp_path / "why.json")

    assert (tmp_path / "why.json").read_text("utf-8") == dumps_explanation(example())


@pytest.mark.parametrize("days", [None, 3])
@given(book=snapshots(), policy=st.sampled_from([*POLICIES.values()]), data=st.data())
def test_written_explanations_are_valid(
    days: int | None, book: Snapshot, policy: AllocationPolicy, data: st.DataObject
) -> None:
    keys = [key for key, (_, line) in lines_of(book).items() if line.outstanding]
    assume(keys)
    by = None if days is None else book.as_of.replace(day=book.as_of.day + days)

    found = what_would_it_take(book, *data.draw(st.sampled_from(keys)), policy=policy, by=by)

    VALIDATOR.validate(json.loads(dumps_explanation(found)))
