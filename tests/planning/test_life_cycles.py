"""Every entry of the life cycles is reached in some small shop, and nothing beside them."""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import product

import attrs
import pytest

from backorderkit import (
    LIFE_CYCLES,
    AdjustStock,
    Book,
    CancelOrder,
    CancelReceipt,
    Command,
    Expire,
    ExtendHold,
    Fifo,
    Hold,
    HoldId,
    HoldStock,
    IllegalTransitionError,
    InvalidInputError,
    LifeCycle,
    LineId,
    OrderId,
    PlaceOrder,
    ReceiptId,
    ReceiveReceipt,
    ReceiveStock,
    ReleaseHold,
    ReleaseOrder,
    ScheduleReceipt,
    ShipOrder,
    Sku,
    Snapshot,
    answer,
    apply,
    plan,
)
from backorderkit.model.life_cycles import BACKORDER, HOLD, LINE, RECEIPT, STAYS
from tests.lives import moves_of
from tests.planning.books import AS_OF, book, held, order, receipt, stock

A = OrderId("A")
ONE = LineId("1")
MUG = Sku("MUG")
PO = ReceiptId("PO")
CYCLES = tuple(LIFE_CYCLES.values())


@pytest.mark.parametrize("cycle", CYCLES, ids=lambda cycle: cycle.thing)
def test_a_table_speaks_of_its_own_statuses_and_steps(cycle: LifeCycle) -> None:
    assert cycle.start in cycle.statuses
    for (status, step), reached in cycle.moves.items():
        assert {status, *reached} <= set(cycle.statuses)
        assert step in cycle.steps
    assert {step for _, step in cycle.moves} == set(cycle.steps)


def lines() -> Iterator[Snapshot]:
    """Give every way in which a line of up to three units can stand."""
    for ordered, shipped, cancelled, allocated in product(range(1, 4), *[range(4)] * 3):
        if shipped + cancelled + allocated <= ordered:
            line = order("A", ordered, shipped=shipped, cancelled=cancelled)
            held_now = [held("A", allocated)] if allocated else []
            yield book([stock(allocated)], [line], allocations=held_now)


@cache
def lines_by_status() -> dict[str, list[Snapshot]]:
    found = defaultdict[str, list[Snapshot]](list)
    for snapshot in lines():
        found[snapshot.line(A, ONE).status].append(snapshot)
    return found


def after_allocating(snapshot: Snapshot) -> set[str]:
    """Give the statuses after one to three more units, where any is allocated."""
    reached = set[str]()
    for units in (1, 2, 3):
        more = answer(snapshot, ReceiveStock(sku=MUG, quantity=units), policy=Fifo())
        after = more.outcome
        if after.allocations != snapshot.allocations:
            reached.add(after.line(A, ONE).status)
    return reached


def asked(step: str, quantity: int | None = None) -> Command:
    """Ask for a step of the line."""
    kinds: dict[str, type[CancelOrder | ReleaseOrder | ShipOrder]] = {
        "cancel": CancelOrder,
        "release": ReleaseOrder,
        "ship": ShipOrder,
    }
    return kinds[step](order=A, line=ONE, quantity=quantity)


def after_asking(snapshot: Snapshot, step: str) -> set[str]:
    """Give the statuses after one to three units, and after all there is."""
    reached = set[str]()
    for quantity in (None, 1, 2, 3):
        try:
            found = answer(snapshot, asked(step, quantity), policy=Fifo())
        except InvalidInputError as error:
            assert not isinstance(error.exceptions[0], IllegalTransitionError)
            continue
        reached.add(apply(snapshot, found.events).line(A, ONE).status)
    return reached


@pytest.mark.parametrize(("status", "step"), list(product(LINE.statuses, LINE.steps)))
def test_a_line_goes_by_its_table(status: str, step: str) -> None:
    shops = lines_by_status()[status]
    expected = LINE.moves.get((status, step))
    if step == "allocate":
        assert set[str]().union(*map(after_allocating, shops)) == set(expected or ())
    elif expected == STAYS:
        for shop in shops:
            check_nothing_is_to_be_done(shop, status, step)
    else:
        assert expected is not None
        assert set[str]().union(*(after_asking(shop, step) for shop in shops)) == set(expected)


def check_nothing_is_to_be_done(shop: Snapshot, status: str, step: str) -> None:
    assert answer(shop, asked(step), policy=Fifo()).events == ()
    problem = illegal(shop, asked(step, 1))
    assert (problem.status, problem.step) == (status, step)


def illegal(shop: Snapshot, command: Command) -> IllegalTransitionError:
    """Give the one problem of a command, alike for a snapshot and a book."""
    problems: list[IllegalTransitionError] = []
    for source in (shop, Book.of(shop)):
        with pytest.raises(InvalidInputError, match="command: 1 problem") as caught:
            answer(source, command, policy=Fifo())
        (problem,) = caught.value.exceptions
        assert isinstance(problem, IllegalTransitionError)
        problems.append(problem)
    assert str(problems[0]) == str(problems[1])
    return problems[0]


def waiting() -> Iterator[Snapshot]:
    """Give lines with backorders, promised or not, in full or in part."""
    for ordered, on_hand, coming in product(range(1, 4), range(3), range(4)):
        receipts = [receipt("PO", coming, "2026-01-12")] if coming else []
        shop = book([stock(on_hand)], [order("A", ordered)], receipts)
        planned = plan(shop, policy=Fifo()).outcome
        yield planned


def whatever(shop: Snapshot) -> Iterator[Command]:
    """Give all that can be asked for in such a shop."""
    yield ScheduleReceipt(receipt=receipt("NEW", 1, "2026-01-20"))
    yield CancelOrder(order=A)
    for units in (1, 2, 3):
        yield ReceiveStock(sku=MUG, quantity=units)
        yield ScheduleReceipt(receipt=receipt("PO", units, "2026-01-13"))
        if units <= shop.line(A, ONE).outstanding:
            yield CancelOrder(order=A, line=ONE, quantity=units)
        if units <= shop.position(MUG).on_hand:
            yield AdjustStock(sku=MUG, quantity=-units, reason="lost")
        if shop.receipts:
            yield ReceiveReceipt(receipt=PO, quantity=units)
            yield ReceiveReceipt(receipt=PO, quantity=units, more_to_come=False)
            yield CancelReceipt(receipt=PO)


@pytest.mark.parametrize("cycle", [BACKORDER, RECEIPT], ids=lambda cycle: cycle.thing)
def test_a_backorder_and_a_receipt_go_by_their_tables(cycle: LifeCycle) -> None:
    reached = defaultdict[tuple[str, str], set[str]](set)
    for shop in waiting():
        for command in whatever(shop):
            for move in moves_of(shop, answer(shop, command, policy=Fifo())):
                if move.thing == cycle.thing and move.status and move.step:
                    reached[move.status, move.step].add(move.after)
    assert reached == {pair: set(after) for pair, after in cycle.moves.items()}


CART = HoldId("cart")
LATER = AS_OF + timedelta(hours=2)
HOLD_COMMANDS: dict[str, list[Command]] = {
    "hold": [
        HoldStock(id=CART, units={"MUG": 1}, expires_at=LATER),
        HoldStock(id=CART, units={"BOWL": 1}, expires_at=LATER),
    ],
    "extend": [ExtendHold(id=CART, expires_at=LATER)],
    "order": [PlaceOrder(order=order("A", 1), holds=[CART])],
    "release": [ReleaseHold(id=CART)],
    "lose": [AdjustStock(sku=MUG, quantity=-units, reason="lost") for units in (1, 2)],
    "expire": [Expire(skus=[MUG])],
}


def carts(status: str) -> Snapshot:
    """Give a shop in which a cart holds two mugs, or has held them."""
    until = {"active": 1, "lapsed": -1}.get(status)
    holds = [] if until is None else [hold(2, AS_OF + timedelta(hours=until))]
    return Snapshot.of(as_of=AS_OF, stock={"MUG": 2, "BOWL": 1}, holds=holds)


def hold(quantity: int, until: datetime) -> Hold:
    return Hold(id=CART, sku=MUG, quantity=quantity, expires_at=until)


@pytest.mark.parametrize(("status", "step"), list(product(HOLD.statuses, HOLD.steps)))
def test_a_hold_goes_by_its_table(status: str, step: str) -> None:
    shop, expected = carts(status), HOLD.moves.get((status, step))
    reached = set[str]()
    for command in HOLD_COMMANDS[step]:
        if expected is None:
            problem = illegal(shop, command)
            assert (problem.field, problem.status, problem.step) == ("id", status, step)
            continue
        found = answer(shop, command, policy=Fifo())
        assert found.accepted
        for move in moves_of(shop, found):
            if move.thing == "hold" and move.status == status:
                assert move.step == step
                reached.add(move.after)
    assert reached == set(expected or ())


@pytest.mark.parametrize(
    ("command", "step"),
    [(ReceiveReceipt(receipt=PO), "receive"), (CancelReceipt(receipt=PO), "cancel")],
)
def test_a_receipt_comes_once(command: Command, step: str) -> None:
    shop = book([], [], [receipt("PO", 1, "2026-01-12")])

    problem = illegal(answer(shop, command, policy=Fifo()).outcome, command)

    assert (problem.field, problem.status, problem.step) == ("receipt", "not-expected", step)
    assert str(problem) == (
        f"receipt: got 'PO', cannot be {RECEIPT.steps[step]}: the receipt is not expected"
    )


def test_a_refused_step_says_how_the_line_stands_and_can_be_pickled() -> None:
    shop = book([], [order("A", 2, cancelled=2)])

    problem = illegal(shop, ShipOrder(order=A, line=ONE, quantity=1))

    assert str(problem) == (
        "quantity: got 1, cannot be shipped: the line is cancelled (order A, line 1, SKU MUG)"
    )
    copy = pickle.loads(pickle.dumps(problem))
    assert isinstance(copy, IllegalTransitionError)
    assert (str(copy), copy.status, copy.step) == (str(problem), "cancelled", "ship")


def test_a_line_that_waits_again_has_a_new_backorder() -> None:
    """
    What was filled is over; the next one is open since then.
    """
    shop = plan(book([stock(2)], [order("A", 2)]), policy=Fifo()).outcome

    lost = answer(shop, AdjustStock(sku=MUG, quantity=-1, reason="lost"), policy=Fifo()).outcome

    assert [each.status for each in lost.backorders] == ["open"]
    assert attrs.evolve(lost.backorders[0], opened_at=shop.as_of) == lost.backorders[0]
