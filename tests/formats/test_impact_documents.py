"""Impacts as documents."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import FairShare, Fifo, InvalidValueError, ReceiptId, Snapshot
from backorderkit.formats import dumps_impact, read_snapshot, schema, write_impact
from backorderkit.model import read_time
from backorderkit.promising import Impact, ReceiptMove, impact, rescues
from backorderkit.testing import snapshots
from tests.promising.moving import moves

VALIDATOR = jsonschema.Draft202012Validator(schema("impact"))
SHOP = Path(__file__).parents[2] / "docs" / "examples" / "shop.json"


def example() -> Impact:
    late = ReceiptMove(receipt=ReceiptId("PO-314/1"), due=read_time("2026-03-16"))
    return impact(read_snapshot(SHOP), [late], policy=Fifo())


def test_an_impact_as_json_holds_all_there_is() -> None:
    found = example()

    document = json.loads(dumps_impact(found, rescues=rescues(found)))

    assert list(document) == [
        *("format", "as_of", "policy", "receipts", "lines", "rescues"),
        *("by_customer", "by_order", "totals"),
    ]
    assert document["receipts"] == [
        {
            "receipt": "PO-314/1",
            "sku": "BEANS-ESPRESSO",
            "location": "WAREHOUSE",
            "supplier": "Cooperativa Sol",
            "before": {"quantity": "60", "due": "2026-03-02T14:00:00Z"},
            "after": {"quantity": "60", "due": "2026-03-16T00:00:00Z"},
        }
    ]
    assert document["lines"][0] == {
        "order": "SO-1013",
        "line": "1",
        "sku": "BEANS-ESPRESSO",
        "customer": "Kontor West",
        "kind": "later",
        "quantity": "4.25",
        "before": "2026-03-02T14:00:00Z",
        "after": "2026-03-16T00:00:00Z",
        "days_later": 14,
        "requested": None,
        "missed_before": False,
        "missed": False,
        "value": "102.00",
        "currency": "EUR",
    }
    assert document["rescues"][0] == {
        "kind": "safety-stock",
        "order": "SO-1013",
        "line": "1",
        "sku": "BEANS-ESPRESSO",
        "saves": "2",
        "quantity": "2",
        "due": "2026-03-02T14:00:00Z",
        "location": "SHOP",
        "origin": None,
        "receipt": None,
        "hold": None,
    }
    kg = {"unit": "kg", "lost": "0", "later": "18.75", "earlier": "0", "gained": "0"}
    eur = {"currency": "EUR", "lost": "0", "later": "450.00", "earlier": "0", "gained": "0"}
    assert document["totals"] == {
        "lines": 3,
        "missed": 0,
        "unpriced": 0,
        "by_unit": [kg],
        "by_currency": [eur],
    }
    assert [each["customer"] for each in document["by_customer"]] == [
        *("Hotel Anker", "Kontor West", "P. Larsen"),
    ]
    assert [each["order"] for each in document["by_order"]] == ["SO-1013", "SO-1024", "SO-1025"]


def test_an_impact_as_csv_has_a_row_for_each_slip() -> None:
    found = example()

    rows = list(csv.DictReader(io.StringIO(dumps_impact(found, format="csv"))))

    lines = json.loads(dumps_impact(found))["lines"]
    assert rows == [
        {name: "" if value is None else _text(value) for name, value in line.items()}
        for line in lines
    ]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", ["impact.json", "impact.csv"])
def test_an_impact_is_written_by_the_ending(tmp_path: Path, name: str) -> None:
    found = example()

    write_impact(found, tmp_path / name, rescues=rescues(found))

    expected = {
        "impact.json": dumps_impact(found, rescues=rescues(found)),
        "impact.csv": dumps_impact(found, format="csv"),
    }
    assert (tmp_path / name).read_text("utf-8") == expected[name]


def test_another_format_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="format: got 'xml', must be json or csv"):
        dumps_impact(example(), format="xml")  # type: ignore[arg-type]


@given(book=snapshots(receipts=4).filter(lambda book: bool(book.receipts)), data=st.data())
def test_written_impacts_are_valid(book: Snapshot, data: st.DataObject) -> None:
    given_moves = data.draw(moves(book, ("later", "smaller", "earlier", "grown", "gone")))

    found = impact(book, given_moves, policy=FairShare())

    VALIDATOR.validate(json.loads(dumps_impact(found, rescues=rescues(found))))
