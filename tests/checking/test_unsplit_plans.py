"""Plans that say that no line is split, and faults planted in them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from backorderkit import Fifo, InLocationOrder, Snapshot, plan
from backorderkit.checking import Findings, check_plan
from backorderkit.formats import dumps_plan, loads_plan
from tests.planning.books import book, held, order, receipt, stock

from .planted import Document, sum_up


def shop() -> Snapshot:
    return book(
        [stock(3, at="A"), stock(4, at="B")],
        [order("SO-1", 7), order("SO-2", 5), order("SO-3", 4)],
        [receipt("PO-1", 4, "2026-01-10", at="B"), receipt("PO-2", 3, "2026-01-12", at="A")],
        [held("SO-3", 1, at="A")],
    )


def good() -> Document:
    made = plan(shop(), policy=Fifo(), placing=InLocationOrder(split="never"))
    document: Document = json.loads(dumps_plan(made))
    return document


def findings(document: Document) -> Findings:
    return check_plan(shop(), loads_plan(json.dumps(document), snapshot=shop()))


def line(document: Document, order_: str) -> Document:
    found: Document = next(each for each in document["lines"] if each["order"] == order_)
    return found


def split_a_line(document: Document) -> None:
    line(document, "SO-1")["allocations"][0]["quantity"] -= 1
    line(document, "SO-1")["allocations"].insert(0, {"location": "A", "quantity": 1})
    line(document, "SO-2")["allocations"][0]["quantity"] -= 1
    _settle(document)


def promise_it_elsewhere(document: Document) -> None:
    for each in document["lines"]:
        each["promises"] = [own for own in each["promises"] if own["receipt"] != "PO-2"]
    (promise,) = line(document, "SO-1")["promises"]
    promise["receipt"], promise["due"] = "PO-2", "2026-01-12T00:00:00Z"
    _settle(document)


def leave_units_where_a_line_stands(document: Document) -> None:
    line(document, "SO-2")["allocations"][0]["quantity"] -= 1
    _settle(document)


def leave_units_to_whoever_has_none(document: Document) -> None:
    line(document, "SO-2")["allocations"] = []
    line(document, "SO-2")["promises"] = []
    _settle(document)


def _settle(document: Document) -> None:
    """Make the numbers of each line fit each other again."""
    for each in document["lines"]:
        each["allocated"] = sum(entry["quantity"] for entry in each["allocations"])
        each["backordered"] = each["ordered"] - each["shipped"] - each["allocated"]
        promised = sum(entry["quantity"] for entry in each["promises"])
        each["unpromised"] = each["backordered"] - promised
        each["blockers"] = (
            [{"kind": "stock", "quantity": each["backordered"]}] if each["backordered"] else []
        )
    sum_up(document)
    document["totals"]["by_unit"].pop(0)


def test_a_plan_that_splits_no_line_holds() -> None:
    assert good()["policy"] == "fifo, lines unsplit"
    assert findings(good()) == Findings()


@pytest.mark.parametrize(
    ("plant", "numbers"),
    [
        (split_a_line, {"C9"}),
        (promise_it_elsewhere, {"C9", "C13"}),
        (leave_units_where_a_line_stands, {"C13"}),
        (leave_units_to_whoever_has_none, {"C13"}),
    ],
)
def test_each_fault_is_found(plant: Callable[[Document], None], numbers: set[str]) -> None:
    document = good()

    plant(document)

    # The changes are left as they were, of which C6 and C7 tell.
    found = {fault.number for fault in findings(document).faults}
    assert found - {"C6", "C7"} == numbers


def test_under_the_plain_name_what_is_held_back_is_a_fault() -> None:
    """A plan that does not say that it splits no line may not leave units over for that."""
    snapshot = book([stock(3, at="A"), stock(3, at="B")], [order("SO-1", 4)])
    made = plan(snapshot, policy=Fifo(), placing=InLocationOrder(split="never"))
    document = json.loads(dumps_plan(made))
    assert check_plan(snapshot, loads_plan(json.dumps(document), snapshot=snapshot)).holds

    document["policy"] = "fifo"

    found = check_plan(snapshot, loads_plan(json.dumps(document), snapshot=snapshot))
    assert "C13" in {fault.number for fault in found.faults}
