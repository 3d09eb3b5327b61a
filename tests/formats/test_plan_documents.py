"""Plans as documents, and the schemas of both documents."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given

from backorderkit import FairShare, Fifo, InvalidValueError, Snapshot, formats, plan
from backorderkit.formats import dumps_plan, dumps_snapshot, loads_snapshot, schema, schemas
from backorderkit.testing import snapshots
from tests.formats.sample import FULL, changed, full_snapshot

EXAMPLE = """{
  "format": 1,
  "as_of": "2026-01-05T09:00:00Z",
  "items": [{"sku": "MUG", "unit": "pcs", "decimals": 0, "backorders": "allow"}],
  "stock": [{"sku": "MUG", "location": "MAIN", "on_hand": 3, "safety_stock": 0}],
  "receipts": [{"id": "PO-7/1", "sku": "MUG", "quantity": 50, "due": "2026-01-12"}],
  "orders": [{"id": "SO-1", "placed_at": "2026-01-02T10:00:00Z", "priority": 3,
     "lines": [{"id": "1", "sku": "MUG", "location": null, "ordered": 5}]}],
  "allocations": [{"order": "SO-1", "line": "1", "location": "MAIN", "quantity": 2}]
}"""

SNAPSHOT_VALIDATOR = jsonschema.Draft202012Validator(schema("snapshot"))
PLAN_VALIDATOR = jsonschema.Draft202012Validator(schema("plan"))


def test_the_documented_example_plans_as_documented() -> None:
    document = json.loads(dumps_plan(plan(loads_snapshot(EXAMPLE), policy=Fifo())))

    promises = [{"quantity": 2, "due": "2026-01-12T00:00:00Z", "receipt": "PO-7/1"}]
    (line,) = document["lines"]
    assert line.pop("reason")
    assert line == {
        "order": "SO-1",
        "line": "1",
        "sku": "MUG",
        "ordered": 5,
        "shipped": 0,
        "cancelled": 0,
        "allocated": 3,
        "backordered": 2,
        "allocations": [{"location": "MAIN", "quantity": 3}],
        "promises": promises,
        "unpromised": 0,
        "blockers": [{"kind": "stock", "quantity": 2}],
    }
    key = {"order": "SO-1", "line": "1"}
    assert document["changes"] == [
        {"type": "allocated", **key, "location": "MAIN", "quantity": 1},
        {"type": "backordered", **key, "quantity": 2},
        {"type": "promised", **key, "promises": promises},
    ]
    assert document["totals"] == {
        "lines": 1,
        "by_unit": [
            {
                "unit": "pcs",
                "ordered": 5,
                "allocated": 3,
                "backordered": 2,
                "promised": 2,
                "unpromised": 0,
            }
        ],
    }
    assert list(document) == ["format", "as_of", "policy", "lines", "changes", "totals"]


def test_a_plan_as_csv_has_a_row_for_each_line() -> None:
    made = plan(loads_snapshot(EXAMPLE), policy=Fifo())

    (row,) = csv.DictReader(io.StringIO(dumps_plan(made, format="csv")))

    assert row.pop("reason") == made.lines[0].reason
    assert list(row.values()) == [
        *("SO-1", "1", "MUG", "5", "0", "0", "3", "2", "2", "0"),
        *("2026-01-12T00:00:00Z", "2026-01-12T00:00:00Z"),
    ]


def test_a_closed_backorder_of_a_line_that_is_gone_is_written() -> None:
    text = changed(lambda d: d["backorders"][0].update(order="SO-0"))

    document = json.loads(dumps_plan(plan(loads_snapshot(text), policy=Fifo())))

    closed = {"type": "backordered", "order": "SO-0", "line": "2", "quantity": 0}
    assert closed in document["changes"]


def test_unknown_formats_and_documents_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="format: got 'xml', must be json or csv"):
        dumps_plan(plan(full_snapshot(), policy=Fifo()), format="xml")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="document: got 'order', must be one of snapshot"):
        schema("order")  # type: ignore[arg-type]


@pytest.mark.parametrize("document", ["snapshot", "plan", "impact", "certificate"])
def test_the_shipped_schemas_are_those_made_from_the_fields(document: schemas.Document) -> None:
    made = schemas.make_schema(document)

    jsonschema.Draft202012Validator.check_schema(made)
    assert schema(document) == made


def test_schemas_are_written_where_they_are_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    written = dict[str, str]()
    monkeypatch.setattr(
        Path, "write_text", lambda path, text, encoding: written.update({path.name: text})
    )

    schemas.main()

    folder = Path(formats.__file__).parent
    assert written == {
        name: (folder / name).read_text("utf-8")
        for name in (
            f"{each}.schema.json" for each in ("snapshot", "plan", "impact", "certificate")
        )
    }


@given(snapshots())
def test_written_documents_are_valid(snapshot: Snapshot) -> None:
    SNAPSHOT_VALIDATOR.validate(json.loads(dumps_snapshot(snapshot)))
    PLAN_VALIDATOR.validate(json.loads(dumps_plan(plan(snapshot, policy=FairShare()))))


def test_the_full_sample_and_its_plan_are_valid() -> None:
    SNAPSHOT_VALIDATOR.validate(FULL)
    PLAN_VALIDATOR.validate(json.loads(dumps_plan(plan(full_snapshot(), policy=Fifo()))))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(changed(lambda d: d.update(stok=[])), id="unknown section"),
        pytest.param(changed(lambda d: d["orders"][0].update(priority=0)), id="priority 0"),
        pytest.param(changed(lambda d: d["orders"][0].pop("placed_at")), id="no placed_at"),
        pytest.param(changed(lambda d: d["orders"][0].pop("lines")), id="no lines"),
        pytest.param(changed(lambda d: d["stock"][0].update(on_hand=-1)), id="negative"),
        pytest.param(changed(lambda d: d["receipts"][0].update(due="soon")), id="no time"),
        pytest.param(changed(lambda d: d["items"][0].update(backorders="x")), id="no choice"),
        pytest.param(changed(lambda d: d.update(format=2)), id="another format"),
    ],
)
def test_the_schema_refuses_what_a_schema_can_see(text: str) -> None:
    assert not SNAPSHOT_VALIDATOR.is_valid(json.loads(text))
