"""Whatever is asked for, in whatever order: nothing is lost, and nobody waits in vain."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    AdjustStock,
    AllocationPolicy,
    Answer,
    Book,
    CancelOrder,
    CancelReceipt,
    Command,
    Expire,
    ExtendHold,
    Fifo,
    HoldId,
    HoldStock,
    InvalidInputError,
    LineId,
    Location,
    Order,
    OrderId,
    PlaceOrder,
    Promised,
    ReceiptId,
    ReceiveReceipt,
    ReceiveStock,
    ReleaseHold,
    ReleaseOrder,
    ScheduledReceipt,
    ScheduleReceipt,
    ShipOrder,
    Sku,
    Snapshot,
    TransferStock,
    answer,
    apply,
    plan,
)
from backorderkit.testing import snapshots
from backorderkit.testing.strategies import AS_OF
from tests.laws.policies import POLICIES

QUANTITIES = st.integers(min_value=1, max_value=5)
SKUS = st.sampled_from(["BOWL", "MUG"]).map(Sku)
PLACES = st.sampled_from(["EAST", "MAIN"]).map(Location)
ORDERS = st.sampled_from(["SO-8", "SO-9", "SO-10", "NEW-1", "NEW-2"]).map(OrderId)
HOLDS = st.sampled_from(["cart-9", "cart-10", "NEW"]).map(HoldId)
TIMES = st.sampled_from([AS_OF + timedelta(hours=1), AS_OF + timedelta(days=3)])
RECEIPTS = st.sampled_from(["PO-9", "PO-10", "NEW"]).map(ReceiptId)
NEW = st.builds(
    ScheduledReceipt,
    id=RECEIPTS,
    sku=SKUS,
    location=PLACES,
    quantity=QUANTITIES,
    due=st.sampled_from([AS_OF, AS_OF + timedelta(days=3)]),
)
ORDER = st.builds(
    lambda id_, wanted, priority: Order.of(id_, "2026-01-03", wanted, priority=priority),
    ORDERS,
    st.dictionaries(SKUS.map(str), QUANTITIES, min_size=1, max_size=2),
    st.sampled_from([1, 5]),
)


@st.composite
def parts(draw: st.DrawFn, kind: type[CancelOrder | ShipOrder | ReleaseOrder]) -> Command:
    line = draw(st.none() | st.sampled_from(["1", "2"]).map(LineId))
    quantity = draw(st.none() | QUANTITIES) if line else None
    return kind(order=draw(ORDERS), line=line, quantity=quantity)


COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        PlaceOrder,
        order=ORDER,
        shortfall=st.sampled_from(["backorder", "drop", "refuse"]),
        max_wait=st.none() | st.just(timedelta(days=1)),
        holds=st.lists(HOLDS, max_size=2),
    ),
    st.builds(
        HoldStock,
        id=HOLDS,
        units=st.dictionaries(st.tuples(SKUS, PLACES), QUANTITIES, min_size=1, max_size=2),
        expires_at=TIMES,
    ),
    st.builds(ExtendHold, id=HOLDS, expires_at=TIMES),
    st.builds(ReleaseHold, id=HOLDS),
    st.builds(Expire, skus=st.lists(SKUS, max_size=2)),
    parts(CancelOrder),
    parts(ShipOrder),
    parts(ReleaseOrder),
    st.builds(
        ReceiveReceipt,
        receipt=RECEIPTS,
        quantity=st.none() | QUANTITIES,
        location=st.none() | PLACES,
        more_to_come=st.booleans(),
    ),
    st.builds(ReceiveStock, sku=SKUS, location=PLACES, quantity=QUANTITIES),
    st.builds(ScheduleReceipt, receipt=NEW),
    st.builds(CancelReceipt, receipt=RECEIPTS),
    st.builds(
        AdjustStock,
        sku=SKUS,
        location=PLACES,
        quantity=st.integers(-5, 5).filter(bool),
        reason=st.just("count"),
    ),
    st.builds(
        TransferStock,
        sku=SKUS,
        origin=st.just(Location("EAST")),
        destination=st.just(Location("MAIN")),
        quantity=QUANTITIES,
    ),
)


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


@given(snapshots(), st.sampled_from(sorted(POLICIES)), st.lists(COMMANDS, max_size=8))
def test_any_commands(snapshot: Snapshot, name: str, commands: list[Command]) -> None:
    policy = POLICIES[name]
    before = plan(snapshot, policy=policy).outcome
    for command in commands:
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


@given(snapshots(), st.lists(COMMANDS, max_size=8))
def test_a_prepared_book_answers_alike(snapshot: Snapshot, commands: list[Command]) -> None:
    before = plan(snapshot, policy=Fifo()).outcome
    book = Book.of(before)
    for command in commands:
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
