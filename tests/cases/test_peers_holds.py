"""
What other systems' tests and bug reports say of holds.

Each case is named after its thread or test; where that records a defect, the
numbers here are the right ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from backorderkit import (
    AdjustStock,
    ExtendHold,
    Fifo,
    Hold,
    HoldId,
    HoldStock,
    Item,
    LineId,
    Location,
    Order,
    OrderId,
    PlaceOrder,
    ReleaseHold,
    ShipOrder,
    Sku,
    Snapshot,
    answer,
    plan,
)
from backorderkit.model import read_time
from tests.cases.test_peers_at_work import Shop

MUG = Sku("MUG")
OWN, OTHER = HoldId("own"), HoldId("other")
NOW = read_time("2026-01-05")
Units = Mapping[str, int] | Mapping[tuple[str, str], int]


class Carts(Shop):
    """A shop whose customers hold what is in their carts."""

    def holds(self, id_: HoldId, units: Units, minutes: int = 10) -> None:
        self.does(self._hold(id_, units, minutes))

    def refuses_to_hold(self, id_: HoldId, units: Units, minutes: int = 10) -> list[int]:
        """Give what of each short pool could have been held; nothing else has changed."""
        found = answer(self.now, self._hold(id_, units, minutes), policy=self.policy)
        assert found.outcome == self.now
        assert {each.rule for each in found.refusal} == {"short"}
        assert {each.hold for each in found.refusal} == {id_}
        return [each.available for each in found.refusal]

    def later(self, minutes: int) -> None:
        self.now = self.now.at(self.now.as_of + timedelta(minutes=minutes))

    @property
    def held(self) -> dict[tuple[str, str], int]:
        return {(hold.id, hold.location): hold.quantity for hold in self.now.holds}

    def _hold(self, id_: HoldId, units: Units, minutes: int) -> HoldStock:
        until = self.now.as_of + timedelta(minutes=minutes)
        return HoldStock(id=id_, units=units, expires_at=until)


def hold(id_: HoldId, quantity: int, minutes: int) -> Hold:
    until = NOW + timedelta(minutes=minutes)
    return Hold(id=id_, sku=MUG, quantity=quantity, expires_at=until)


@pytest.mark.parametrize(
    ("on_hand", "holds", "available"),
    [
        pytest.param(10, [hold(OTHER, 4, 5)], 6, id="another's hold counts"),
        pytest.param(10, [hold(OTHER, 4, -5)], 10, id="one that has expired does not"),
        pytest.param(10, [hold(OTHER, 4, 0)], 10, id="nor one that expires now"),
        pytest.param(2, [hold(OTHER, 5, 5)], 0, id="never less than nothing"),
    ],
)
def test_spree_d1_what_is_available_beside_holds(
    on_hand: int, holds: list[Hold], available: int
) -> None:
    now = Snapshot.of(as_of=NOW, stock={"MUG": on_hand}, holds=holds)

    assert now.position(MUG).available == available
    order = Order.of("SO-1", "2026-01-05", {"MUG": 100})
    assert plan(
        Snapshot.of(as_of=NOW, stock={"MUG": on_hand}, holds=holds, orders=[order]), policy=Fifo()
    ).granted == (available,)


def test_spree_d1_ones_own_hold_is_not_counted_against_oneself() -> None:
    shop = Carts(10)
    shop.holds(OWN, {"MUG": 4})
    shop.holds(OWN, {"MUG": 10})
    shop.holds(OWN, {"MUG": 4})
    shop.holds(OTHER, {"MUG": 2})

    assert shop.held == {("other", "MAIN"): 2, ("own", "MAIN"): 4}
    assert shop.refuses_to_hold(OWN, {"MUG": 9}) == [8]
    assert shop.now.position(MUG).held == 6


def test_spree_d2_two_lines_of_a_cart_are_one_demand() -> None:
    shop = Carts(5)
    command = HoldStock(
        id=OWN, units=[("MUG", "MAIN", 3), ("MUG", "MAIN", 3)], expires_at=NOW + timedelta(days=1)
    )

    found = answer(shop.now, command, policy=Fifo())

    assert [(each.wanted, each.available) for each in found.refusal] == [(6, 5)]
    assert found.outcome.holds == ()


def test_spree_d4_a_hold_is_updated_extended_and_released() -> None:
    shop = Carts(10)
    shop.holds(OTHER, {"MUG": 1}, minutes=30)
    shop.holds(OWN, {"MUG": 2}, minutes=7)
    shop.holds(OWN, {"MUG": 2}, minutes=7)
    assert [each.expires_at for each in shop.now.holds if each.id == OWN] == [
        NOW + timedelta(minutes=7)
    ]

    shop.later(3)
    other = shop.now.holds[0]
    shop.does(ExtendHold(id=OWN, expires_at=shop.now.as_of + timedelta(minutes=12)))
    assert [each.expires_at for each in shop.now.holds] == [
        other.expires_at,
        NOW + timedelta(minutes=15),
    ]

    shop.does(ReleaseHold(id=OWN), ReleaseHold(id=OWN))
    assert shop.now.holds == (other,)


def test_saleor_d7_a_cart_holds_units_of_two_locations() -> None:
    shop = Carts({("MUG", "A"): 4, ("MUG", "B"): 3})
    shop.holds(OWN, {("MUG", "A"): 2, ("MUG", "B"): 3})

    assert shop.held == {("own", "A"): 2, ("own", "B"): 3}
    assert Carts(3).refuses_to_hold(OWN, {"MUG": 5}) == [3]


def test_saleor_d8_what_orders_have_and_others_hold_cannot_be_held() -> None:
    shop = Carts({("MUG", "A"): 3, ("MUG", "B"): 3})
    shop.sells(3)
    assert {each.location: each.quantity for each in shop.now.allocations} == {"A": 3}

    assert shop.refuses_to_hold(OWN, {("MUG", "A"): 1, ("MUG", "B"): 3}) == [0]
    shop.holds(OTHER, {("MUG", "B"): 2})
    assert shop.refuses_to_hold(OWN, {("MUG", "B"): 2}) == [1]


@pytest.mark.parametrize("quantity", [7, 2, 10])
def test_medusa_d10_a_changed_hold_is_not_counted_twice(quantity: int) -> None:
    shop = Carts(10)
    shop.holds(OWN, {"MUG": 3})

    shop.holds(OWN, {"MUG": quantity})

    assert shop.held == {("own", "MAIN"): quantity}


def test_medusa_16502_d11_a_batch_of_holds_is_summed_before_it_is_checked() -> None:
    shop = Carts(2)
    rows = [("MUG", "MAIN", 2)] * 3

    found = answer(
        shop.now,
        HoldStock(id=OWN, units=rows, expires_at=NOW + timedelta(days=1)),
        policy=Fifo(),
    )

    assert [(each.wanted, each.available) for each in found.refusal] == [(6, 2)]
    assert found.refusal[0].reason == "Only 2 of 6 pcs of MUG can be held at MAIN."


def test_medusa_16488_d13_a_hold_that_moves_is_there_and_no_more_here() -> None:
    shop = Carts({("MUG", "L1"): 3, ("MUG", "L2"): 3})
    shop.holds(OWN, {("MUG", "L1"): 3})

    shop.holds(OWN, {("MUG", "L2"): 3})
    assert shop.held == {("own", "L2"): 3}

    shop.holds(OTHER, {("MUG", "L1"): 2})
    assert shop.refuses_to_hold(OWN, {("MUG", "L1"): 3}) == [1]
    assert shop.held == {("other", "L1"): 2, ("own", "L2"): 3}


@pytest.mark.parametrize(
    ("expires_at", "counted"),
    [
        pytest.param(NOW + timedelta(minutes=1), 1, id="threshold 10, aged 9"),
        pytest.param(NOW - timedelta(minutes=1), 0, id="threshold 10, aged 11"),
        pytest.param(NOW, 0, id="threshold 0"),
        pytest.param(datetime.max.replace(tzinfo=UTC), 1, id="no threshold"),
    ],
)
def test_woocommerce_d14_the_host_says_when_a_hold_is_stale(
    expires_at: datetime, counted: int
) -> None:
    one = Hold(id=OWN, sku=MUG, quantity=1, expires_at=expires_at)
    long = Hold(id=OTHER, sku=MUG, quantity=1, expires_at=NOW + timedelta(minutes=60))

    assert Snapshot.of(as_of=NOW, stock={"MUG": 5}, holds=[one]).position(MUG).held == counted
    both = Snapshot.of(as_of=NOW, stock={"MUG": 5}, holds=[one, long])
    assert both.position(MUG).held == counted + 1


def test_magento_d16_decimals_of_holds_are_exact() -> None:
    shop = Carts(85, items=[Item(sku=MUG, unit="kg", decimals=1)])
    shop.holds(OWN, {"MUG": 50})
    shop.holds(OWN, {"MUG": 35})
    assert shop.free == 50

    shop.does(
        PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 35}), holds=[OWN]),
    )
    assert (shop.free, shop.held) == (50, {})
    shop.does(AdjustStock(sku=MUG, quantity=35, reason="returned"))
    assert shop.free == 85


def test_medusa_6500_an_order_may_take_all_that_was_held_for_it() -> None:
    shop = Carts(5, items=[Item(sku=MUG, backorders="deny")])
    shop.holds(OWN, {"MUG": 5})

    assert shop.refuses(1, "deny")
    shop.does(PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 5}), holds=[OWN]))

    assert shop.held == {}
    assert [(each.order, each.quantity) for each in shop.now.allocations] == [("SO-1", 5)]
    shop.does(ShipOrder(order=OrderId("SO-1"), line=LineId("1")))
    assert shop.on_hand == 0


def test_saleor_e2_an_order_takes_what_is_not_held() -> None:
    shop = Carts({("MUG", "A"): 4, ("MUG", "B"): 3})
    shop.holds(OTHER, {("MUG", "A"): 2})

    shop.sells(3)

    held = {each.location: each.quantity for each in shop.now.allocations}
    assert held == {Location("A"): 2, Location("B"): 1}
