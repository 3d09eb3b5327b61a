"""Notices are CloudEvents that any reader of CloudEvents takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import attrs
import jsonschema
import pytest

from backorderkit import (
    Backordered,
    Fifo,
    InvalidValueError,
    Notice,
    Order,
    OrderId,
    OrderLine,
    PlaceOrder,
    Promise,
    Promised,
    ReceiptId,
    ReceiveReceipt,
    ReceiveStock,
    ScheduledReceipt,
    ScheduleReceipt,
    ShipOrder,
    Sku,
    Snapshot,
    answer,
    notices,
    plan,
)
from backorderkit.formats.cloud_events import cloud_event
from backorderkit.formats.facts import read_fact
from backorderkit.model import LineId, read_time
from backorderkit.promising import PromiseChange, PromiseLedger

# The rules of the CloudEvents 1.0 specification and of its JSON format.
RULES = {
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "format": "uri-reference", "minLength": 1},
        "specversion": {"const": "1.0"},
        "type": {"type": "string", "minLength": 1},
        "datacontenttype": {"const": "application/json"},
        "subject": {"type": "string", "minLength": 1},
        "time": {"type": "string", "minLength": 1},
        "data": {"type": "object"},
    },
    "propertyNames": {"pattern": "^[a-z0-9]{1,20}$"},
    "additionalProperties": False,
}
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
NOT_ALLOWED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
SOURCE = "https://shop.example/stock?site=north"


def told(id_: str = "web-4711") -> Iterator[Notice]:
    """Give all notices of a day."""
    mug = Sku("MUG")
    due = read_time("2026-01-12")
    receipt = ScheduledReceipt(id=ReceiptId("PO"), sku=mug, quantity=4, due=due)
    shop = Snapshot.of(as_of="2026-01-05", stock={"MUG": 3})
    for command in (
        PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 5})),
        ScheduleReceipt(receipt=receipt),
        ReceiveReceipt(receipt=ReceiptId("PO")),
        ReceiveStock(sku=mug, quantity=1),
        ShipOrder(order=OrderId("SO-1")),
    ):
        found = answer(shop, command, policy=Fifo())
        yield from notices(found.changes, before=shop, id=id_)
        shop = found.outcome


@pytest.mark.parametrize("notice", list(told()), ids=lambda notice: notice.kind)
def test_a_notice_is_a_cloud_event(notice: Notice) -> None:
    event = cloud_event(notice, source=SOURCE, prefix="com.example.stock")

    jsonschema.validate(event, RULES)
    assert json.loads(json.dumps(event)) == event
    assert event["type"] == f"com.example.stock.{notice.kind}"
    assert event["id"] == notice.id
    assert RFC_3339.fullmatch(str(event["time"]))
    data = event["data"]
    assert isinstance(data, dict)
    assert read_fact(data["fact"]) == notice.fact


def test_a_promise_of_stock_is_told_without_a_receipt() -> None:
    shop = Snapshot.of(
        as_of="2026-01-05", stock={"MUG": 3}, orders=[Order.of("SO-1", "2026-01-05", {"MUG": 2})]
    )
    order, line = OrderId("SO-1"), LineId("1")
    promise = Promise(quantity=2, due=read_time("2026-01-12"))
    facts = (
        Backordered(order=order, line=line, quantity=2),
        Promised(order=order, line=line, promises=[promise]),
    )

    _, promised = notices(facts, before=shop, id="night")
    event = cloud_event(promised, source=SOURCE)

    jsonschema.validate(event, RULES)
    assert event["subject"] == "SO-1/1"
    data = event["data"]
    assert isinstance(data, dict)
    assert (data["due"], "receipt" in data) == ("2026-01-12T00:00:00Z", False)
    assert read_fact(data["fact"]) == facts[1]


def test_the_data_has_what_belongs_to_the_kind() -> None:
    promised = next(notice for notice in told() if notice.kind == "promised")

    event = cloud_event(promised, source=SOURCE)

    assert event["subject"] == "SO-1/1"
    assert event["data"] == {
        "order": "SO-1",
        "line": "1",
        "sku": "MUG",
        "quantity": 2,
        "due": "2026-01-12T00:00:00Z",
        "fact": {
            "type": "promised",
            "order": "SO-1",
            "line": "1",
            "promises": [{"quantity": 2, "due": "2026-01-12T00:00:00Z", "receipt": "PO"}],
        },
    }


def test_a_subject_is_an_order_a_line_a_receipt_or_a_sku() -> None:
    subjects = [cloud_event(each, source=SOURCE)["subject"] for each in told()]

    assert list(dict.fromkeys(subjects)) == ["SO-1", "SO-1/1", "PO", "MUG"]


def test_ids_that_hold_anything_stay_different_and_allowed() -> None:
    odd = ("a\x00b", "a%00b", "a\uffffb", "ä/1", "a\n", "a\x85")
    line = OrderLine(id=LineId("\x01"), sku=Sku("MUG"), ordered=1)
    shop = Snapshot.of(as_of="2026-01-05")
    changes = answer(
        shop, PlaceOrder(order=Order.of("SO\t1", "2026-01-05", [line])), policy=Fifo()
    ).changes

    events = [cloud_event(notices(changes, before=shop, id=key)[-1], source=SOURCE) for key in odd]

    assert len({str(event["id"]) for event in events}) == len(odd)
    assert not any(NOT_ALLOWED.search(f"{event['id']}{event['subject']}") for event in events)
    assert events[0]["subject"] == "SO%091/%01"


@pytest.mark.parametrize(
    ("source", "prefix"),
    [("", "a"), ("with space", "a"), (None, "a"), ("/shop", ""), ("/shop", None), ("ä", "a")],
)
def test_who_tells_it_must_be_a_uri_reference(source: str, prefix: str) -> None:
    with pytest.raises(InvalidValueError):
        cloud_event(next(told()), source=source, prefix=prefix)


def slipped() -> PromiseChange:
    """Give what a ledger knows of a date that moved."""
    due = read_time("2026-01-12")
    receipt = ScheduledReceipt(id=ReceiptId("PO"), sku=Sku("MUG"), quantity=4, due=due)
    shop = Snapshot.of(
        as_of="2026-01-05",
        receipts=[receipt],
        orders=[Order.of("SO-1", "2026-01-05", {"MUG": 5})],
    )
    shop = plan(shop, policy=Fifo()).outcome
    late = attrs.evolve(receipt, due=read_time("2026-01-15"))
    found = answer(shop, ScheduleReceipt(receipt=late), policy=Fifo())
    ledger = PromiseLedger.of(shop).after(found.changes, before=shop, id="mail-81")
    return ledger.latest[0]


def test_a_change_of_a_promise_is_a_cloud_event() -> None:
    event = cloud_event(slipped(), source=SOURCE)

    jsonschema.validate(event, RULES)
    assert (event["id"], event["type"], event["subject"]) == (
        "mail-81/2/change-1",
        "backorderkit.ledger.tell",
        "SO-1/1",
    )
    assert json.loads(json.dumps(event["data"])) == {
        "kind": "promise_later",
        "order": "SO-1",
        "line": "1",
        "sku": "MUG",
        "quantity": 4,
        "first": "2026-01-12T00:00:00Z",
        "told_before": "2026-01-12T00:00:00Z",
        "due_before": "2026-01-12T00:00:00Z",
        "due": "2026-01-15T00:00:00Z",
        "response": "tell",
        "causes": [
            {
                "kind": "receipt_later",
                "receipt": "PO",
                "location": "MAIN",
                "quantity": 4,
                "due_before": "2026-01-12T00:00:00Z",
                "due": "2026-01-15T00:00:00Z",
            }
        ],
    }
