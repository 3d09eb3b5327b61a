"""A promise that was made is kept when receipts arrive as scheduled, whatever else happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from backorderkit import (
    AllocationPolicy,
    CancelOrder,
    Command,
    KeepPromises,
    LineId,
    Order,
    OrderId,
    PlaceOrder,
    Priority,
    ReceiptId,
    ReceiveReceipt,
    ScheduledReceipt,
    ScheduleReceipt,
    ShipOrder,
    Sku,
    Snapshot,
    answer,
)
from backorderkit.testing import AS_OF
from tests.effort import EFFORT

from .policies import POLICIES

DAY = timedelta(days=1)
ONE = LineId("1")


class Shop(RuleBasedStateMachine):
    """A shop with one article; each receipt comes on its day and in full."""

    policy: AllocationPolicy

    def __init__(self) -> None:
        super().__init__()
        self.book = Snapshot.of(as_of=AS_OF, stock={"MUG": 1})
        self.number = 0
        # What each order was ever told: so many units in all, by the end of that day.
        self.told: dict[tuple[OrderId, datetime], int] = {}

    def do(self, command: Command) -> None:
        found = answer(self.book, command, policy=self.policy)
        assert found.accepted, command
        self.book = found.outcome
        self.listen()

    def listen(self) -> None:
        """Write down every promise as it is told, and never strike one out."""
        for known in self.book.backorders:
            total = self.has(known.order)
            for promise in known.promises:
                total += promise.quantity
                key = known.order, promise.due
                self.told[key] = max(total, self.told.get(key, 0))

    def has(self, order: OrderId) -> int:
        """What has left for an order, or lies ready for it."""
        position = self.book.line(order, ONE)
        return position.line.shipped + position.allocated

    def next_number(self) -> int:
        self.number += 1
        return self.number

    @rule(
        ordered=st.integers(1, 6),
        priority=st.sampled_from((1, 5, 9)),
        age=st.sampled_from((0, 2, 99)),
    )
    def somebody_orders(self, ordered: int, priority: int, age: int) -> None:
        placed_at = self.book.as_of - age * DAY
        name = f"SO-{self.next_number()}"
        order = Order.of(name, placed_at, {"MUG": ordered}, priority=priority)
        self.do(PlaceOrder(order=order))

    @rule(days=st.integers(0, 6), hours=st.sampled_from((0, 5)), quantity=st.integers(1, 6))
    def a_receipt_is_scheduled(self, days: int, hours: int, quantity: int) -> None:
        receipt = ScheduledReceipt(
            id=ReceiptId(f"PO-{self.next_number()}"),
            sku=Sku("MUG"),
            quantity=quantity,
            due=self.book.as_of + timedelta(days=days, hours=hours),
        )
        self.do(ScheduleReceipt(receipt=receipt))

    @precondition(lambda self: self.book.allocations)
    @rule(data=st.data())
    def something_is_shipped(self, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from(self.book.allocations))
        quantity = data.draw(st.integers(1, held.quantity))
        self.do(ShipOrder(order=held.order, line=held.line, quantity=quantity))

    @precondition(lambda self: any(order.lines[0].outstanding for order in self.book.orders))
    @rule(data=st.data())
    def something_is_cancelled(self, data: st.DataObject) -> None:
        orders = [order for order in self.book.orders if order.lines[0].outstanding]
        order = data.draw(st.sampled_from(orders))
        quantity = data.draw(st.integers(1, order.lines[0].outstanding))
        self.do(CancelOrder(order=order.id, line=order.lines[0].id, quantity=quantity))

    @rule(early=st.booleans(), data=st.data())
    def the_day_ends(self, early: bool, data: st.DataObject) -> None:  # noqa: FBT001 - drawn
        """What is due today arrives, in any order; sometimes tomorrow's comes before its time."""
        end = self.book.as_of + DAY
        due = [each for each in self.book.receipts if each.due < end + early * DAY]
        for receipt in data.draw(st.permutations(due)):
            self.do(ReceiveReceipt(receipt=receipt.id))
        for (order, day), total in self.told.items():
            line = self.book.line(order, ONE).line
            wanted = line.ordered - line.cancelled
            if day < end:
                assert self.has(order) >= min(total, wanted), (order, day)
        self.book = self.book.at(end)


def let_time_pass(
    policy: AllocationPolicy, *, examples: int, phases: Sequence[Phase] = tuple(Phase)
) -> None:
    class ThisShop(Shop):
        pass

    ThisShop.policy = policy
    run_state_machine_as_test(
        ThisShop,
        settings=settings(
            max_examples=examples * EFFORT,
            stateful_step_count=25,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("pull_in", [True, False], ids=["kept", "held"])
@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_promise_ever_told_is_kept(name: str, *, pull_in: bool) -> None:
    let_time_pass(KeepPromises(POLICIES[name], pull_in=pull_in), examples=8)


def test_without_the_mode_an_urgent_newcomer_breaks_a_promise() -> None:
    """
    So the test above is able to fail.
    """
    with pytest.raises(AssertionError, match="SO-"):
        let_time_pass(Priority(), examples=400, phases=[Phase.generate])
