"""A cart's hold, carried out on a store by the service."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backorderkit import (
    Expire,
    ExtendHold,
    Fifo,
    HoldId,
    HoldStock,
    InvalidInputError,
    Order,
    PlaceOrder,
    ReleaseHold,
    Sku,
    Snapshot,
)
from backorderkit.model import read_time
from backorderkit.service import Backorders
from backorderkit.storage import MemoryStore, Wanted

MUG, BOWL = Sku("MUG"), Sku("BOWL")
CART, OTHER = HoldId("cart"), HoldId("other")
NOON = read_time("2026-01-05T12:00:00Z")


def test_a_cart_is_held_extended_ordered_and_the_rest_expires() -> None:
    moment = [NOON]
    store = MemoryStore(Snapshot.of(as_of=NOON, stock={"MUG": 3, "BOWL": 1}))
    shop = Backorders(store, policy=Fifo(), clock=lambda: moment[0])
    soon, later = NOON + timedelta(minutes=10), NOON + timedelta(minutes=20)

    held = shop.do(HoldStock(id=CART, units={"MUG": 2, "BOWL": 1}, expires_at=soon), key="1")
    refused = shop.do(HoldStock(id=OTHER, units={"MUG": 2}, expires_at=later), key="2")
    assert (held.accepted, refused.accepted) == (True, False)
    assert [(each.sku, each.available) for each in refused.refusal] == [("MUG", 1)]
    assert shop.do(HoldStock(id=OTHER, units={"MUG": 1}, expires_at=soon), key="3").accepted

    shop.do(ExtendHold(id=CART, expires_at=later), key="4")
    moment[0] = soon
    # What the hold has of bowls is loaded by its id: nothing else names them.
    order = Order.of("SO-1", "2026-01-05", {"MUG": 2})
    placed = shop.do(PlaceOrder(order=order, holds=[CART]), key="5")
    assert [type(change).__name__ for change in placed.changes] == [
        *("Unheld", "Unheld", "Placed", "Allocated"),
    ]
    assert [hold.id for hold in store.snapshot.holds] == [OTHER]

    shop.do(Expire(skus=[MUG, BOWL]), key="6")
    assert store.snapshot.holds == ()
    assert shop.do(ReleaseHold(id=OTHER), key="7").changes == ()
    with pytest.raises(InvalidInputError, match="command: 1 problem"):
        shop.do(ExtendHold(id=OTHER, expires_at=later + timedelta(hours=1)), key="8")


def test_a_hold_loads_the_skus_that_it_has_units_of() -> None:
    store = MemoryStore(Snapshot.of(as_of=NOON, stock={"MUG": 3, "BOWL": 1}))
    shop = Backorders(store, policy=Fifo(), clock=lambda: NOON)
    until = NOON + timedelta(minutes=10)
    shop.do(HoldStock(id=CART, units={"MUG": 2, "BOWL": 1}, expires_at=until), key="1")

    loaded = store.load(Wanted(holds=[CART, OTHER]))

    assert set(loaded.versions) == {MUG, BOWL}
    assert loaded.snapshot.holds == store.snapshot.holds
