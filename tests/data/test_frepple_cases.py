"""frePPLe's cases as it publishes them, all fourteen."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from backorderkit import (
    Item,
    LineId,
    Order,
    OrderLine,
    Priority,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
)
from backorderkit.model import read_time
from backorderkit.promising import Availability, Quote, SupplyRules

LATEST = SupplyRules(peg="latest")


def shop_of(case: dict[str, Any], orders: list[Order]) -> Snapshot:
    leads = case["purchase_lead_days"]
    return Snapshot.of(
        as_of=case["now"],
        items=[Item(sku=Sku(sku), lead_time_days=leads.get(sku)) for sku in case["stock"]],
        stock=case["stock"],
        receipts=[
            ScheduledReceipt(
                id=ReceiptId(f"PO-{number}"),
                sku=Sku(each["sku"]),
                quantity=each["quantity"],
                due=read_time(each["at"]),
            )
            for number, each in enumerate(case["supply"])
        ],
        orders=orders,
    )


def days_of(demand: dict[str, Any]) -> tuple[datetime, datetime | None]:
    due = read_time(demand["due"])
    late = demand.get("max_lateness_days")
    return due, None if late is None else due + timedelta(days=late)


def quoted(case: dict[str, Any]) -> dict[str, Quote]:
    """Quote each demand in the order of priority and due date, and place it as quoted."""
    orders: list[Order] = []
    quotes = dict[str, Quote]()
    for demand in sorted(case["demands"], key=lambda each: (each["priority"], each["due"])):
        due, latest = days_of(demand)
        available = Availability.of(shop_of(case, orders), policy=Priority(), rules=LATEST)
        quote = available.when(
            demand["sku"],
            demand["quantity"],
            wanted=due,
            latest=latest,
            minimum=demand.get("min_shipment", 1),
        )
        quotes[demand["id"]] = quote
        lines = [
            OrderLine(
                id=LineId(str(number)),
                sku=Sku(demand["sku"]),
                ordered=part.quantity,
                requested=part.at,
            )
            for number, part in enumerate(quote.parts)
        ]
        if lines:
            now = read_time(case["now"])
            orders.append(Order.of(demand["id"], now, lines, priority=demand["priority"]))
    return quotes


def test_every_case_is_promised_as_frepple_delivers_it(data_folder: Path) -> None:
    cases = json.loads((data_folder / "frepple_cases" / "cases.json").read_text("utf-8"))["cases"]
    assert len(cases) == 14

    for case in cases:
        quotes = quoted(case)
        together = None
        if case["group_policy"] == "alltogether":
            available = Availability.of(shop_of(case, []), policy=Priority(), rules=LATEST)
            wants = {demand["sku"]: demand["quantity"] for demand in case["demands"]}
            together = available.basket(wants).at
        for demand in case["demands"]:
            quote = quotes[demand["id"]]
            got = [(together or part.at, part.quantity) for part in quote.parts]
            expected = [
                (read_time(each["at"]), each["quantity"]) for each in demand["expected_deliveries"]
            ]
            assert got == expected, demand["id"]
            assert quote.wanted - quote.promised == demand["expected_short"], demand["id"]
