"""Whatever is asked for, in whatever order: nothing is lost, and nobody waits in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    AddLine,
    AdjustStock,
    AllocationPolicy,
    Answer,
    Book,
    Command,
    Expire,
    Fifo,
    InvalidInputError,
    Order,
    OrderId,
    OrderLine,
    PlaceOrder,
    PlaceOrders,
    Promised,
    ReceiveReceipt,
    ReceiveStock,
    Sku,
    Snapshot,
    answer,
    apply,
    plan,
)
from backorderkit.testing import commands_for, snapshots
from tests.laws.policies import POLICIES


def units_of(snapshot: Snapshot) -> Counter[str]:
    """Count what is on hand and what has shipped, by SKU: only supply events change the sum."""
    units = Counter[str]()
    for level in snapshot.stock:
        units[level.sku] += level.on_hand
    for order in snapshot.orders:
        for line in order.lines:
            units[line.sku] += line.shipped
    return units


def arrived(command: Command, before: Snapshot) -> Counter[str]:
    """Say what a command adds to all units there are."""
    match command:
        case ReceiveStock() | AdjustStock():
            return Counter({command.sku: command.quantity})
        case ReceiveReceipt():
            (found,) = (each for each in before.receipts if each.id == command.receipt)
            return Counter({found.sku: command.quantity or found.quantity})
        case _:
            return Counter()


def lines_asked_for(command: Command) -> list[tuple[OrderId, OrderLine]]:
    """List the new lines of a command."""
    match command:
        case PlaceOrder() | PlaceOrders():
            return [(order.id, line) for order in command.orders for line in order.lines]
        case AddLine():
            return [(command.order, command.line)]
        case _:
            return []


def waiting_for(after: Snapshot, sku: Sku, owners: Callable[[Order], bool]) -> int:
    """Sum up what orders wait for of an item."""
    return sum(
        after.line(order.id, line.id).unallocated
        for order in after.orders
        for line in order.lines
        if line.sku == sku and owners(order)
    )


def check_limits(order: Order, sku: Sku, after: Snapshot) -> None:
    """See that no more waits than may."""
    item = after.item(sku)
    per_line, per_customer = item.backorder_limit_per_line, item.backorder_limit_per_customer
    own = waiting_for(after, sku, lambda other: other.id == order.id)
    all_own = waiting_for(after, sku, lambda other: other.customer == order.customer)
    assert per_line is None or own <= per_line
    assert per_customer is None or (all_own if order.customer else own) <= per_customer


def check_accepted(command: Command, after: Snapshot) -> None:
    """See that what may not wait does not."""
    for order, line in lines_asked_for(command):
        if after.line(order, line.id).unallocated:
            check_limits(next(each for each in after.orders if each.id == order), line.sku, after)
        shortfall = getattr(command, "shortfall", None)
        if shortfall != "backorder" or after.item(line.sku).backorders == "deny":
            assert not after.line(order, line.id).unallocated


def check_expired(command: Expire, before: Snapshot, after: Snapshot) -> None:
    """See that what is wanted no more does not wait, and that nobody else loses anything."""
    for order in before.orders:
        for line in order.lines:
            now = after.line(order.id, line.id)
            gone = now.line.cancelled - line.cancelled
            expired = line.cancel_after is not None and line.cancel_after < before.as_of
            waited = before.line(order.id, line.id).unallocated
            assert gone == (waited if expired and line.sku in command.skus else 0)
            assert now.allocated == before.line(order.id, line.id).allocated


def held_over(snapshot: Snapshot) -> Counter[tuple[str, str]]:
    """Say how much more is allocated and held of each pool than is there."""
    return Counter(
        {
            (each.sku, each.location): max(0, each.allocated + each.held - each.on_hand)
            for each in snapshot.positions
        }
    )


def check(found: Answer[Snapshot], before: Snapshot, policy: AllocationPolicy) -> None:
    after = found.outcome
    assert apply(before, found.changes) == after
    # It holds together as a whole that is checked from scratch.
    assert attrs.evolve(after) == after
    # No allocation eats what is held, and no two carts hold one unit.
    assert held_over(after) <= held_over(before)
    if found.accepted:
        expected = units_of(before)
        expected.update(arrived(found.command, before))
        assert units_of(after) == expected
        # Nobody waits for what is there: whoever plans again finds nothing to do.
        assert plan(after, policy=policy).changes == ()
        check_accepted(found.command, after)
        if isinstance(found.command, Expire):
            check_expired(found.command, before, after)
    else:
        assert after == before
    for order in after.orders:
        for line in order.lines:
            backordered = after.line(order.id, line.id).unallocated
            told = [
                each.quantity
                for each in after.backorders
                if (each.order, each.line) == (order.id, line.id)
            ]
            assert sum(told) == backordered >= 0


STEPS = st.integers(1, 8)


@given(snapshots(), st.sampled_from(sorted(POLICIES)), STEPS, st.data())
def test_any_commands(snapshot: Snapshot, name: str, steps: int, data: st.DataObject) -> None:
    policy = POLICIES[name]
    before = plan(snapshot, policy=policy).outcome
    for _ in range(steps):
        command = data.draw(commands_for(before))
        try:
            found = answer(before, command, policy=policy)
        except InvalidInputError:
            continue
        check(found, before, policy)
        before = found.outcome


@given(snapshots(holds=4), st.sampled_from(sorted(POLICIES)), st.sampled_from([2, 100]))
def test_whoever_ends_what_is_over_leaves_nothing_to_do(
    snapshot: Snapshot, name: str, hours: int
) -> None:
    policy = POLICIES[name]
    planned = plan(snapshot, policy=policy).outcome
    later = planned.at(planned.as_of + timedelta(hours=hours))

    found = answer(later, Expire(skus=[Sku("BOWL"), Sku("MUG")]), policy=policy)

    left = found.outcome
    assert left.holds == tuple(hold for hold in later.holds if hold.expires_at > later.as_of)
    told = plan(left, policy=policy).changes
    assert all(isinstance(change, Promised) for change in told)


@given(snapshots(), STEPS, st.data())
def test_a_prepared_book_answers_alike(snapshot: Snapshot, steps: int, data: st.DataObject) -> None:
    before = plan(snapshot, policy=Fifo()).outcome
    book = Book.of(before)
    for _ in range(steps):
        command = data.draw(commands_for(before))
        try:
            found = answer(before, command, policy=Fifo())
        except InvalidInputError as error:
            expected = [str(each) for each in error.exceptions]
            try:
                answer(book, command, policy=Fifo())
            except InvalidInputError as other:
                assert [str(each) for each in other.exceptions] == expected
            else:
                raise AssertionError(command) from error
            continue
        prepared = answer(book, command, policy=Fifo())
        assert (prepared.changes, prepared.refusal) == (found.changes, found.refusal)
        before, book = found.outcome, prepared.outcome
    assert book.snapshot == before
