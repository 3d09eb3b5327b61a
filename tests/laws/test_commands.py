"""Whatever is asked for, in whatever order: nothing is lost, and nobody waits in vain."""

from __future__ import annotations

from collections import Counter

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    AdjustStock,
    AllocationPolicy,
    Answer,
    Book,
    Command,
    Fifo,
    InvalidInputError,
    PlaceOrder,
    ReceiveReceipt,
    ReceiveStock,
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


def check_accepted(command: PlaceOrder, after: Snapshot) -> None:
    """See that what may not wait does not."""
    for line in command.order.lines:
        if command.shortfall != "backorder" or after.item(line.sku).backorders == "deny":
            assert not after.line(command.order.id, line.id).unallocated


def check(found: Answer[Snapshot], before: Snapshot, policy: AllocationPolicy) -> None:
    after = found.outcome
    assert apply(before, found.changes) == after
    # It holds together as a whole that is checked from scratch.
    assert attrs.evolve(after) == after
    if found.accepted:
        expected = units_of(before)
        expected.update(arrived(found.command, before))
        assert units_of(after) == expected
        # Nobody waits for what is there: whoever plans again finds nothing to do.
        assert plan(after, policy=policy).changes == ()
        if isinstance(found.command, PlaceOrder):
            check_accepted(found.command, after)
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
