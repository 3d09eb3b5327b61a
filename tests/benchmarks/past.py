"""Past receipts of the data sets: tables as their READMEs describe them."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import attrs

from backorderkit import ReceiptId, ScheduledReceipt, Sku
from backorderkit.model import read_time
from backorderkit.promising import PastReceipt


@attrs.frozen
class Delivery:
    """
    One purchase order, or line of one, with all that came of it.

    Attributes:
        ordered_at: When it was ordered: since then it was expected.
        parts: Its parts.
    """

    ordered_at: datetime
    parts: tuple[PastReceipt, ...]

    @property
    def first(self) -> PastReceipt:
        return self.parts[0]

    @property
    def ordered(self) -> int:
        return sum(part.ordered for part in self.parts)

    @property
    def good(self) -> int:
        return sum(part.good for part in self.parts)

    @property
    def late(self) -> int | None:
        """Days late of the last part; None if it never came in the data."""
        came = [part.received_at for part in self.parts if part.received_at is not None]
        if len(came) < len(self.parts):
            return None
        return (max(came).date() - self.first.due.date()).days

    def still_to_come(self, at: datetime) -> ScheduledReceipt | None:
        """Give what is expected after *at*; a part that came short is over."""
        left = [
            part.ordered
            for part in self.parts
            if part.received_at is None or part.received_at >= at
        ]
        if not left:
            return None
        return ScheduledReceipt(
            id=self.first.id,
            sku=self.first.sku,
            quantity=sum(left),
            due=self.first.due,
            supplier=self.first.supplier,
        )


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Read a table, packed or not."""
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode()
    yield from csv.DictReader(text.splitlines())


def deliveries(path: Path) -> list[Delivery]:
    """Read the supply of online_retail or its sample: a purchase order is one delivery."""
    orders = dict[str, list[dict[str, str]]]()
    for row in rows(path):
        orders.setdefault(row["po_id"], []).append(row)
    return [
        Delivery(time_of(own[0]["ordered_at"]), tuple(map(_part, own))) for own in orders.values()
    ]


def inspected(path: Path) -> list[Delivery]:
    """Read the supply of adventureworks: each purchase order line is one delivery."""
    return [
        Delivery(
            time_of(row["ordered_at"]),
            (
                PastReceipt(
                    id=ReceiptId(f"{row['po_id']}/{row['po_line_id']}"),
                    sku=Sku(row["sku"]),
                    supplier=row["supplier"],
                    due=time_of(row["expected_at"]),
                    received_at=time_of(row["received_at"]),
                    ordered=int(row["quantity"]),
                    received=int(row["received_qty"]),
                    rejected=int(row["rejected_qty"]),
                ),
            ),
        )
        for row in rows(path)
    ]


def time_of(text: str) -> datetime:
    """Read a time of the data sets, which have none but UTC."""
    return read_time(f"{text}Z" if "T" in text else text)


def _part(row: dict[str, str]) -> PastReceipt:
    came = row["received_at"]
    return PastReceipt(
        id=ReceiptId(row["po_id"]),
        sku=Sku(row["sku"]),
        supplier=row["supplier"],
        due=time_of(row["expected_at"]),
        received_at=time_of(came) if came else None,
        ordered=int(row["quantity"]),
        received=int(row["received_qty"]) if came else 0,
    )
