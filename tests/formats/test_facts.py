"""Facts and commands as records: what is written is read again, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import get_args

import attrs
import pytest
from hypothesis import given

from backorderkit import (
    AdjustStock,
    CancelOrder,
    Command,
    Fifo,
    InvalidInputError,
    InvalidValueError,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    PlaceOrder,
    ReceiptId,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.changes import Change, Event, Placed, Promised, Unscheduled
from backorderkit.commands import COMMANDS, Reassign, TakenUnits
from backorderkit.formats.facts import (
    Record,
    command_record,
    fact_record,
    read_command,
    read_fact,
    type_name,
)
from backorderkit.model import Promise
from backorderkit.testing import snapshots

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
PRICED = OrderLine(
    id=LineId("1"),
    sku=Sku("MUG"),
    ordered=3,
    unit_price=Decimal("1.10"),
    currency="EUR",
    requested=NOW,
)
PROMISED = Promised(
    order=OrderId("SO-1"),
    line=LineId("1"),
    promises=[Promise(quantity=1, due=NOW, receipt=ReceiptId("PO"))],
)
OF_STOCK = attrs.evolve(PROMISED, promises=[Promise(quantity=1, due=NOW)])
TOLD: Record = fact_record(PROMISED)


def test_a_promise_of_stock_has_no_receipt() -> None:
    record = {
        "type": "promised",
        "order": "SO-1",
        "line": "1",
        "promises": [{"quantity": 1, "due": "2026-01-05T09:00:00Z", "receipt": None}],
    }
    without = {**record, "promises": [{"quantity": 1, "due": "2026-01-05T09:00:00Z"}]}

    assert fact_record(OF_STOCK) == record
    assert read_fact(record) == read_fact(without) == OF_STOCK


@given(snapshots())
def test_what_a_plan_changes_is_read_again(snapshot: Snapshot) -> None:
    changes = plan(snapshot, policy=Fifo()).changes
    placed = [Placed(order=order) for order in snapshot.orders]

    for fact in (*placed, *changes):
        assert read_fact(json.loads(json.dumps(fact_record(fact)))) == fact


@pytest.mark.parametrize(
    "command",
    [
        PlaceOrder(
            order=Order(id=OrderId("SO-1"), placed_at=NOW, lines=[PRICED]),
            shortfall="drop",
            max_wait=timedelta(days=3, microseconds=5),
        ),
        PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 1}), max_wait=timedelta()),
        CancelOrder(order=OrderId("SO-1")),
        AdjustStock(sku=Sku("MUG"), quantity=-1, reason="gone"),
        Reassign(
            order=OrderId("SO-1"),
            line=LineId("1"),
            taken=[
                TakenUnits(quantity=1, location=Location("MAIN")),
                TakenUnits(
                    order=OrderId("SO-2"), line=LineId("1"), quantity=2, receipt=ReceiptId("PO")
                ),
            ],
        ),
    ],
)
def test_a_command_is_read_again(command: Command) -> None:
    assert read_command(json.loads(json.dumps(command_record(command)))) == command


def test_every_kind_has_a_name_of_its_own() -> None:
    kinds = {*get_args(Change), *get_args(Event), *COMMANDS}

    assert len({type_name(kind) for kind in kinds}) == len(kinds)


@pytest.mark.parametrize(
    ("record", "problems"),
    [
        ({}, ["fact.type: got nothing, must be one of adjusted, "]),
        ({"type": ["allocated"]}, ["fact.type: got ['allocated'], must be one of "]),
        (
            {"type": "unscheduled"},
            ["fact.receipt: got nothing, must be there"],
        ),
        (
            {"type": "unscheduled", "receipt": 3, "x": 1},
            ["fact.x: got 'x', must not be there"],
        ),
        (
            {"type": "unscheduled", "receipt": 3},
            ["fact.receipt: got 3, must be a non-empty string"],
        ),
        (
            {**TOLD, "promises": [{"quantity": 1.5, "due": 7, "receipt": "PO"}]},
            ["fact.promises[0].due: got 7, must be a time such as 2026-01-05T09:00:00Z"],
        ),
        (
            {
                **TOLD,
                "promises": [{"quantity": 1.5, "due": "2026-01-05", "receipt": ""}],
            },
            [
                "fact.promises[0].quantity: got 1.5, must be a whole number",
                "fact.promises[0].receipt: got '', must be a non-empty string",
            ],
        ),
    ],
)
def test_what_is_no_fact_is_refused(record: Record, problems: list[str]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_fact(record)

    shown = [str(problem) for problem in caught.value.exceptions]
    assert len(shown) == len(problems), shown
    assert all(map(str.startswith, shown, problems)), shown


@pytest.mark.parametrize("seconds", ["", "x", "NaN", "1e400", 5, None, "Infinity", "1e99999999"])
def test_a_span_that_is_none_is_refused(seconds: object) -> None:
    record = command_record(PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 1})))
    wait = {**record, "max_wait": seconds}

    if seconds is None:
        assert isinstance(read_command(wait), PlaceOrder)
        return
    with pytest.raises(InvalidInputError, match="problem"):
        read_command(wait)


@pytest.mark.parametrize("price", ["x", "NaN", 5, "-1"])
def test_a_price_that_is_none_is_refused(price: object) -> None:
    placed = fact_record(Placed(order=Order(id=OrderId("SO"), placed_at=NOW, lines=[PRICED])))
    text = json.dumps(placed).replace('"1.10"', json.dumps(price))

    with pytest.raises(InvalidInputError, match="problem"):
        read_fact(json.loads(text))


@pytest.mark.parametrize(
    ("write", "value"),
    [(fact_record, CancelOrder(order=OrderId("SO-1"))), (command_record, PROMISED)],
)
def test_only_facts_are_written_as_facts(write: Callable[[object], object], value: object) -> None:
    with pytest.raises(InvalidValueError, match="must be a"):
        write(value)


@pytest.mark.parametrize("record", [None, [], "unscheduled", 5])
def test_a_record_is_an_object(record: object) -> None:
    with pytest.raises(InvalidInputError, match="problem") as caught:
        read_fact(record)  # type: ignore[arg-type]  # it is what is looked at

    assert str(caught.value.exceptions[0]).endswith("must be a JSON object")


def test_a_fact_of_ids_alone() -> None:
    assert read_fact({"type": "unscheduled", "receipt": "PO"}) == Unscheduled(
        receipt=ReceiptId("PO")
    )


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"type": "expire", "skus": "MUG"}, "skus"),
        ({"type": "replan", "skus": {"MUG": 1}}, "skus"),
        (
            {
                "type": "hold_stock",
                "id": "cart",
                "units": {"MUG": 1},
                "expires_at": "2026-01-05T09:00:00Z",
            },
            "units",
        ),
        (
            {
                **command_record(PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 1}))),
                "holds": "cart-7",
            },
            "holds",
        ),
    ],
)
def test_a_list_is_a_list(record: Record, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_command(record)

    assert str(caught.value.exceptions[0]).startswith(f"command.{field}: got ")
    assert str(caught.value.exceptions[0]).endswith("must be a list")
