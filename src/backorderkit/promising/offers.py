"""What other supply there is for a line that slips, and how much of it at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import assert_never

import attrs

from backorderkit.model.ids import Location, ReceiptId
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.planning.compared import Lot
from backorderkit.planning.shelf import due_order
from backorderkit.planning.supply import refills
from backorderkit.promising.rescue import Rescue, RescueKind


@attrs.frozen(kw_only=True)
class Ground:
    """
    How things are for a line that slips, with the rescues that are taken.

    Attributes:
        here: What concerns its SKU, planned.
        lots: What its lines get.
        key: Which line it is.
        date: The date that is to be kept.
        moved: The receipts of the SKU that move, and where they are expected.
    """

    here: Snapshot
    lots: Mapping[LineKey, Lot]
    key: LineKey
    date: datetime
    moved: Mapping[ReceiptId, Location]

    @property
    def lot(self) -> Lot:
        """What the line gets."""
        return self.lots[self.key]

    def can_use(self, location: Location) -> bool:
        """Tell whether the line may be served from there."""
        return self.lot.line.location in {None, location}

    def is_in_time(self, when: datetime) -> bool:
        """Tell whether it is no later day than the one to be kept."""
        return when.date() <= self.date.date()

    def there(self, kind: RescueKind, quantity: int, location: Location) -> Rescue:
        """Say that there is so much on hand: the line is allocated no more than it waits for."""
        return self.offer(kind, min(quantity, self.lot.waiting), location)

    def offer(self, kind: RescueKind, quantity: int, location: Location) -> Rescue:
        """Say that there is so much of something."""
        lot = self.lot
        return Rescue(
            kind=kind,
            order=lot.order.id,
            line=lot.line.id,
            sku=lot.line.sku,
            quantity=quantity,
            due=self.date,
            location=location,
        )


def offers(kind: RescueKind, ground: Ground) -> Iterator[Rescue]:
    """Give what there is of one kind, each with all its units."""
    match kind:
        case "transfer":
            return _transfers(ground)
        case "redirect":
            return _redirects(ground)
        case "safety-stock":
            return _safety_stock(ground)
        case "hold":
            return _holds(ground)
        case "expedite":
            return _expedites(ground)
        case "purchase":
            return _purchases(ground)
        case _:
            assert_never(kind)


def _transfers(ground: Ground) -> Iterator[Rescue]:
    """Units that are free where the line cannot use them."""
    target = ground.lot.line.location
    for position in ground.here.positions if target is not None else ():
        if position.available and position.location != target:
            offer = ground.there("transfer", position.available, Location(target or ""))
            yield attrs.evolve(offer, origin=position.location)


def _redirects(ground: Ground) -> Iterator[Rescue]:
    """Units that come in time where the line cannot use them, and that nobody is promised."""
    target = ground.lot.line.location
    if target is None:
        return
    promised = Counter[ReceiptId]()
    for lot in ground.lots.values():
        for promise in lot.promises:
            if promise.receipt is not None:
                promised[promise.receipt] += promise.quantity
    receipts = sorted(ground.here.receipts, key=due_order)
    for receipt, refill in refills(receipts, _missing(ground)):
        left = receipt.quantity - refill - promised[receipt.id]
        if left > 0 and receipt.location != target and ground.is_in_time(receipt.due):
            offer = ground.offer("redirect", left, target)
            yield attrs.evolve(offer, origin=receipt.location, receipt=receipt.id)


def _safety_stock(ground: Ground) -> Iterator[Rescue]:
    """Units that planning leaves alone, and units in time that would refill them."""
    positions = {each.location: each for each in ground.here.positions}
    for location, position in positions.items():
        if position.withheld and ground.can_use(location):
            yield ground.there("safety-stock", position.withheld, location)
    receipts = sorted(ground.here.receipts, key=due_order)
    for receipt, refill in refills(receipts, _missing(ground)):
        location = receipt.location
        if refill and ground.can_use(location) and ground.is_in_time(receipt.due):
            most = min(refill, positions[location].safety_stock)
            if most:
                offer = ground.offer("safety-stock", most, location)
                yield attrs.evolve(offer, receipt=receipt.id)


def _holds(ground: Ground) -> Iterator[Rescue]:
    """Units that are there and kept for somebody; of the hold that expires last first."""
    there = {each.location: each.unallocated for each in ground.here.positions}
    holds = [hold for hold in ground.here.holds if not hold.has_lapsed(as_of=ground.here.as_of)]
    for hold in sorted(holds, key=lambda hold: (hold.expires_at, hold.key), reverse=True):
        most = min(hold.quantity, there[hold.location])
        if most and ground.can_use(hold.location):
            yield attrs.evolve(ground.there("hold", most, hold.location), hold=hold.id)


def _expedites(ground: Ground) -> Iterator[Rescue]:
    """Receipts that come too late, the next one first; not those that slip themselves."""
    for receipt in sorted(ground.here.receipts, key=due_order):
        late = not ground.is_in_time(receipt.due) and receipt.id not in ground.moved
        if late and ground.can_use(receipt.location):
            offer = ground.offer("expedite", receipt.quantity, receipt.location)
            yield attrs.evolve(offer, receipt=receipt.id)


def _purchases(ground: Ground) -> Iterator[Rescue]:
    """As many units as anybody waits for, if they can be bought in time."""
    days = ground.here.item(ground.lot.line.sku).lead_time_days
    left = (ground.date.date() - ground.here.as_of.date()).days
    if days is not None and days <= left:
        due = ground.here.as_of + timedelta(days=days)
        most = sum(lot.waiting for lot in ground.lots.values())
        location = ground.lot.line.location or ground.moved[min(ground.moved)]
        yield attrs.evolve(ground.offer("purchase", most, location), due=due)


def _missing(ground: Ground) -> dict[Location, int]:
    return {each.location: each.missing for each in ground.here.positions}
