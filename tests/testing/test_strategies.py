from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import pytest
from hypothesis import Phase, given, settings
from hypothesis.strategies import SearchStrategy

from backorderkit import Demand, Fifo, InvalidValueError, OrderLine, Snapshot, plan
from backorderkit.testing import AS_OF, commands_for, demands, shortages, snapshots

Example = TypeVar("Example")


def lines_of(snapshot: Snapshot) -> list[OrderLine]:
    return [line for order in snapshot.orders for line in order.lines]


def pairs_of_orders_placed_at_once(snapshot: Snapshot) -> list[tuple[int, int]]:
    return [
        (one.sequence, other.sequence)
        for place, one in enumerate(snapshot.orders)
        for other in snapshot.orders[place + 1 :]
        if one.placed_at == other.placed_at
    ]


def has_an_unfair_allocation(snapshot: Snapshot) -> bool:
    """A younger line holds units that an older line of the same pool waits for."""
    held = {(held.order, held.line) for held in snapshot.allocations}
    lines = sorted(
        ((line.placed_at or order.placed_at, order.sequence, order.id, line.id), line)
        for order in snapshot.orders
        for line in order.lines
        if line.outstanding
    )
    return any(
        (key[2], key[3]) not in held
        and older.sku == younger.sku
        and older.location == younger.location
        and (other[2], other[3]) in held
        for place, (key, older) in enumerate(lines)
        for other, younger in lines[place + 1 :]
    )


def remembers(snapshot: Snapshot, *, rightly: bool) -> bool:
    return any(
        (snapshot.line(memory.order, memory.line).unallocated == memory.quantity) is rightly
        for memory in snapshot.backorders
        if snapshot.find_line(memory.order, memory.line) is not None
    )


def remembers_gone(snapshot: Snapshot, *, receipts: bool) -> bool:
    known = {receipt.id for receipt in snapshot.receipts}
    if receipts:
        told = {promise.receipt for memory in snapshot.backorders for promise in memory.promises}
        return bool(told - known)
    return any(snapshot.find_line(each.order, each.line) is None for each in snapshot.backorders)


def has_a_shortage(snapshot: Snapshot) -> bool:
    return any(line.backordered and line.allocated for line in plan(snapshot, policy=Fifo()).lines)


def due_days(snapshot: Snapshot) -> list[int]:
    return [(receipt.due.date() - snapshot.as_of.date()).days for receipt in snapshot.receipts]


SITUATIONS: dict[str, Callable[[Snapshot], bool]] = {
    "several locations": lambda book: len({level.location for level in book.stock}) > 1,
    "several SKUs": lambda book: len({line.sku for line in lines_of(book)}) > 1,
    "bound and free lines of a SKU": lambda book: (
        {(line.sku, line.location is None) for line in lines_of(book)}
        >= {("MUG", True), ("MUG", False)}
    ),
    "two lines of a SKU on one order": lambda book: any(
        len({line.sku for line in order.lines}) < len(order.lines) for order in book.orders
    ),
    "a shortage": has_a_shortage,
    "an unfair old allocation": has_an_unfair_allocation,
    "a line allocated at two locations": lambda book: (
        len(book.allocations) > len({(held.order, held.line) for held in book.allocations})
    ),
    "safety stock to spare": lambda book: any(
        position.safety_stock and position.available for position in book.positions
    ),
    "short of safety stock": lambda book: any(position.missing for position in book.positions),
    "stock allocated out of the safety stock": lambda book: any(
        position.allocated and position.missing for position in book.positions
    ),
    "a hold": lambda book: any(position.held for position in book.positions),
    "a hold that has lapsed": lambda book: any(
        hold.has_lapsed(as_of=book.as_of) for hold in book.holds
    ),
    "a hold of several pools": lambda book: len({hold.id for hold in book.holds}) < len(book.holds),
    "more held than is there": lambda book: any(
        position.held > position.unallocated for position in book.positions
    ),
    "units held where lines wait": lambda book: any(
        blocker.kind == "hold"
        for line in plan(book, policy=Fifo()).lines
        for blocker in line.blockers
    ),
    "an overdue receipt": lambda book: any(day < 0 for day in due_days(book)),
    "a receipt earlier that day": lambda book: any(
        receipt.due < book.as_of and receipt.due.date() == book.as_of.date()
        for receipt in book.receipts
    ),
    "a receipt later that day": lambda book: any(
        receipt.due > book.as_of and receipt.due.date() == book.as_of.date()
        for receipt in book.receipts
    ),
    "a later receipt": lambda book: any(day > 0 for day in due_days(book)),
    "two receipts due at once": lambda book: (
        len({receipt.due for receipt in book.receipts}) < len(book.receipts)
    ),
    "a planned receipt": lambda book: not all(receipt.firm for receipt in book.receipts),
    "an item that can be had in days": lambda book: any(
        item.lead_time_days for item in book.items or ()
    ),
    "a shipped line": lambda book: any(line.shipped == line.ordered for line in lines_of(book)),
    "a partly shipped line": lambda book: any(
        line.shipped > 0 and line.outstanding for line in lines_of(book)
    ),
    "a cancelled line": lambda book: any(line.cancelled == line.ordered for line in lines_of(book)),
    "sequences decide": lambda book: any(
        one != other for one, other in pairs_of_orders_placed_at_once(book)
    ),
    "ids decide": lambda book: any(
        one == other for one, other in pairs_of_orders_placed_at_once(book)
    ),
    "ids of another length": lambda book: len({len(order.id) for order in book.orders}) > 1,
    "several priorities": lambda book: len({order.priority for order in book.orders}) > 1,
    "an order from the future": lambda book: any(
        order.placed_at > book.as_of for order in book.orders
    ),
    "a requested date": lambda book: any(line.requested for line in lines_of(book)),
    "a line placed later than its order": lambda book: any(
        line.placed_at for line in lines_of(book)
    ),
    "a line that is wanted no more": lambda book: any(
        line.cancel_after and line.cancel_after < book.as_of for line in lines_of(book)
    ),
    "a line that is wanted for some time": lambda book: any(
        line.cancel_after and line.cancel_after > book.as_of for line in lines_of(book)
    ),
    "a price": lambda book: any(line.unit_price for line in lines_of(book)),
    "a remembered line that is gone": lambda book: remembers_gone(book, receipts=False),
    "a remembered receipt that is gone": lambda book: remembers_gone(book, receipts=True),
    "a wrong quantity remembered": lambda book: remembers(book, rightly=False),
    "a right quantity remembered": lambda book: remembers(book, rightly=True),
    "no list of items": lambda book: book.items is None,
    "an item with decimals": lambda book: any(item.decimals for item in book.items or ()),
    "a pool without a row": lambda book: bool(
        {(line.sku, line.location) for line in lines_of(book) if line.location}
        - {(level.sku, level.location) for level in book.stock}
    ),
    "no orders": lambda book: not book.orders,
    "no receipts": lambda book: not book.receipts,
    "nothing on hand": lambda book: not any(level.on_hand for level in book.stock),
}

QUESTIONS: dict[str, Callable[[Sequence[Demand]], bool]] = {
    "something got before": lambda asked: any(demand.got for demand in asked),
    "a cap": lambda asked: any(demand.limit < demand.claim - demand.got for demand in asked),
    "two lines of an order": lambda asked: len({demand.order.id for demand in asked}) < len(asked),
    "not in FIFO order": lambda asked: (
        [demand.fifo_key for demand in asked] != sorted(demand.fifo_key for demand in asked)
    ),
    "a tie but for the id": lambda asked: any(
        one.order.id != other.order.id and one.fifo_key[:2] == other.fifo_key[:2]
        for one in asked
        for other in asked
    ),
    "several priorities": lambda asked: len({demand.priority for demand in asked}) > 1,
    "several customers": lambda asked: len({demand.order.customer for demand in asked}) > 1,
    "several requested dates": lambda asked: len({demand.line.requested for demand in asked}) > 1,
    "something cancelled": lambda asked: any(demand.line.cancelled for demand in asked),
    "four demands": lambda asked: len(asked) == 4,
}


def examples_of(strategy: SearchStrategy[Example], number: int) -> list[Example]:
    """Draw as any test would, but always the same."""
    drawn: list[Example] = []

    @settings(max_examples=number, derandomize=True, database=None, phases=[Phase.generate])
    @given(strategy)
    def draw(example: Example) -> None:
        drawn.append(example)

    draw()
    return drawn


@pytest.fixture(scope="module")
def books() -> list[Snapshot]:
    return examples_of(snapshots(), 400)


@pytest.fixture(scope="module")
def questions() -> list[list[Demand]]:
    return examples_of(demands(), 200)


@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS.keys())
def test_books_of_orders_include(
    situation: Callable[[Snapshot], bool], books: list[Snapshot]
) -> None:
    assert any(map(situation, books))


@pytest.mark.parametrize("situation", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_demands_include(
    situation: Callable[[Sequence[Demand]], bool], questions: list[list[Demand]]
) -> None:
    assert any(map(situation, questions))


@given(shortages())
@settings(max_examples=50)
def test_a_shortage_is_always_one(shortage: tuple[int, list[Demand]]) -> None:
    supply, asked = shortage

    assert 0 <= supply < sum(demand.limit for demand in asked)
    assert len({demand.fifo_key for demand in asked}) == len(asked)


@given(
    snapshots(
        skus=["TEA"],
        locations=["HERE", "THERE"],
        max_orders=1,
        max_lines=3,
        max_quantity=2,
        receipts=0,
        allocations=0,
        memory=0,
        holds=0,
        bound=True,
        safety_stock=False,
        items=False,
    )
)
@settings(max_examples=50)
def test_books_can_be_narrowed(snapshot: Snapshot) -> None:
    assert snapshot.as_of == AS_OF
    assert snapshot.items is None
    assert not snapshot.receipts + snapshot.allocations + snapshot.backorders + snapshot.holds
    assert len(snapshot.orders) <= 1
    assert all(level.sku == "TEA" and level.on_hand <= 2 for level in snapshot.stock)
    assert not any(level.safety_stock for level in snapshot.stock)
    for line in lines_of(snapshot):
        assert line.ordered <= 2
        assert line.location in {"HERE", "THERE"}


@given(snapshots(bound=False, as_of=datetime.fromisoformat("2030-01-01T00:30:00+02:00")))
@settings(max_examples=20)
def test_books_can_be_of_another_time_and_all_free(snapshot: Snapshot) -> None:
    assert snapshot.as_of.isoformat() == "2029-12-31T22:30:00+00:00"
    assert all(line.location is None for line in lines_of(snapshot))


@given(demands(min_demands=2, max_demands=30, max_claim=1, memory=False, caps=False))
@settings(max_examples=20)
def test_demands_can_be_narrowed(asked: list[Demand]) -> None:
    assert 2 <= len(asked) <= 30
    assert all((demand.claim, demand.got, demand.limit) == (1, 0, 1) for demand in asked)


def test_more_demands_than_letters_still_have_ids_of_their_own() -> None:
    asked = examples_of(demands(min_demands=60, max_demands=60), 1)[0]

    assert len({demand.fifo_key for demand in asked}) == 60


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(lambda: snapshots(skus=[]), id="no SKU"),
        pytest.param(lambda: snapshots(skus="MUG"), id="a name for a list"),
        pytest.param(lambda: snapshots(locations=[]), id="no location"),
        pytest.param(lambda: snapshots(max_quantity=0), id="no quantity"),
        pytest.param(lambda: snapshots(max_lines=0), id="no line"),
        pytest.param(lambda: snapshots(receipts=-1), id="less than no receipt"),
        pytest.param(lambda: demands(min_demands=0), id="nobody asks"),
        pytest.param(lambda: shortages(min_demands=3, max_demands=2), id="most below least"),
        pytest.param(lambda: shortages(max_claim=0), id="nothing claimed"),
        pytest.param(lambda: commands_for({}), id="no snapshot"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_drawn_is_refused(draw: Callable[[], object]) -> None:
    with pytest.raises(InvalidValueError):
        draw()


@pytest.mark.parametrize("as_of", [None, "2026-01-05", datetime(2026, 1, 5)])  # noqa: DTZ001
def test_a_moment_that_is_none_is_refused(as_of: object) -> None:
    with pytest.raises(InvalidValueError, match="as_of: got"):
        snapshots(as_of=as_of)  # type: ignore[arg-type]


def test_all_numbers_that_leave_nothing_to_draw_are_named_at_once() -> None:
    with pytest.raises(InvalidValueError) as caught:
        snapshots(max_orders=-1, max_lines=0, memory=None)  # type: ignore[arg-type]

    assert [each.field for each in caught.value.problems] == ["max_orders", "memory", "max_lines"]
