"""A prepared book, event by event, is the snapshot after all of them."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    Allocation,
    AllocationPolicy,
    Backordered,
    Book,
    Hold,
    HoldId,
    InvalidInputError,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    Plan,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    StockLevel,
    apply,
    plan,
)
from backorderkit.testing import snapshots

from .books import lines_of, pools_of, with_shipped, with_stock
from .policies import examples, for_every_policy

Source = Book | Snapshot
Event = tuple[set[Sku], Callable[[Book], Book], Callable[[Snapshot], Snapshot]]
"""What it touches, and what it makes of a book and of a snapshot."""


def skus_of(book: Snapshot) -> list[Sku]:
    return sorted({sku for sku, _ in pools_of(book)}) or [Sku("MUG")]


def places_of(book: Snapshot) -> list[Location]:
    return sorted({place for _, place in pools_of(book)}) or [Location("MAIN")]


@st.composite
def events(draw: st.DrawFn, book: Snapshot) -> Event:
    """Draw something that may happen to a book, or that it must refuse."""
    kinds = (
        *("stock", "receipt", "receipt gone", "hold", "hold gone"),
        *("order", "order changed", "shipped"),
    )
    kind = draw(st.sampled_from(kinds))
    if kind == "shipped" and book.allocations:
        return shipping(book, draw(st.sampled_from(book.allocations)), draw(st.integers(1, 9)))
    sku, place = draw(st.sampled_from(skus_of(book))), draw(st.sampled_from(places_of(book)))
    quantity = draw(st.integers(0, 9))
    if kind == "stock":
        known = {(level.sku, level.location): level for level in book.stock}
        level = known.get((sku, place), StockLevel(sku=sku, location=place, on_hand=0))
        level = attrs.evolve(level, on_hand=quantity)
        after = {(sku, place): quantity}
        return {sku}, lambda b: b.with_stock(level), lambda s: with_stock(s, after)
    if kind == "receipt":
        due = book.as_of + timedelta(days=draw(st.integers(-2, 5)))
        names = [*(each.id for each in book.receipts), ReceiptId("NEW")]
        receipt = ScheduledReceipt(
            id=draw(st.sampled_from(names)), sku=sku, location=place, quantity=quantity + 1, due=due
        )
        others = [each for each in book.receipts if each.id != receipt.id]
        touched = {each.sku for each in book.receipts if each.id == receipt.id} | {sku}
        return (
            touched,
            lambda b: b.with_receipt(receipt),
            lambda s: attrs.evolve(s, receipts=[*others, receipt]),
        )
    if kind == "receipt gone":
        gone = draw(st.sampled_from([*(each.id for each in book.receipts), ReceiptId("NONE")]))
        left = [each for each in book.receipts if each.id != gone]
        return (
            {each.sku for each in book.receipts if each.id == gone},
            lambda b: b.without_receipt(gone),
            lambda s: attrs.evolve(s, receipts=left),
        )
    if kind.startswith("hold"):
        return holding(book, sku, place, quantity, gone=kind == "hold gone")
    order = draw(orders(book, new=kind == "order", sku=sku, place=place, quantity=quantity))
    before = [each for each in book.orders if each.id == order.id]
    rest = [each for each in book.orders if each.id != order.id]
    return (
        {line.sku for each in (order, *before) for line in each.lines},
        lambda b: b.with_order(order),
        lambda s: attrs.evolve(s, orders=[*rest, order]),
    )


def holding(book: Snapshot, sku: Sku, place: Location, quantity: int, *, gone: bool) -> Event:
    """Hold units of a pool, or no more."""
    until = book.as_of + timedelta(hours=quantity - 1)
    hold = Hold(
        id=HoldId("cart-9"), sku=sku, location=place, quantity=quantity + 1, expires_at=until
    )
    others = [each for each in book.holds if each.key != hold.key]
    if gone:
        return (
            {sku},
            lambda b: b.without_hold(*hold.key),
            lambda s: attrs.evolve(s, holds=others),
        )
    return (
        {sku},
        lambda b: b.with_hold(hold),
        lambda s: attrs.evolve(s, holds=[*others, hold]),
    )


def shipping(book: Snapshot, held: Allocation, most: int) -> Event:
    """Ship part of what a line holds, or all of it."""
    quantity = min(most, held.quantity)
    after = with_shipped(book, {((held.order, held.line), held.location): quantity})
    order = next(each for each in after.orders if each.id == held.order)
    sku = book.line(held.order, held.line).line.sku
    level = next(each for each in after.stock if (each.sku, each.location) == (sku, held.location))
    own = [each for each in after.allocations if each.order == held.order]
    return (
        {sku},
        lambda b: b.with_order(order, allocations=own).with_stock(level),
        lambda _: after,
    )


@st.composite
def orders(
    draw: st.DrawFn, book: Snapshot, *, new: bool, sku: Sku, place: Location, quantity: int
) -> Order:
    """Draw a new order, or one that changed: a line more, less of a line, a line gone."""
    at = draw(st.sampled_from((None, place)))
    line = OrderLine(id=LineId("new"), sku=sku, location=at, ordered=quantity + 1)
    if new or not book.orders:
        placed_at = book.as_of - timedelta(days=draw(st.integers(0, 9)))
        return Order(id=OrderId("NEW"), placed_at=placed_at, lines=[line])
    order = draw(st.sampled_from(book.orders))
    lines = [each for each in order.lines if each.id != line.id]
    match draw(st.sampled_from(("more", "less", "gone", "other SKU"))):
        case "more":
            lines.append(line)
        case "less" if lines:
            first, *others = lines
            cancelled = min(first.cancelled + quantity, first.ordered - first.shipped)
            lines = [attrs.evolve(first, cancelled=cancelled), *others]
        case "other SKU" if lines:
            lines = [attrs.evolve(lines[0], sku=sku), *lines[1:]]
        case _:
            lines = lines[1:]
    return attrs.evolve(order, lines=lines)


def concern(made: Plan, skus: Iterable[Sku]) -> tuple[object, object]:
    """What a plan says of the lines of some SKUs."""
    wanted = set(skus)
    keys = {key for key, (_, line) in lines_of(made.snapshot).items() if line.sku in wanted}
    changes = [each for each in made.changes if (each.order, each.line) in keys]
    return changes, [line for line in made.lines if line.sku in wanted]


@given(book=snapshots())
@examples(200)
def test_a_book_is_its_snapshot(book: Snapshot) -> None:
    prepared = Book.of(book)

    assert prepared.snapshot == book
    assert pickle.loads(pickle.dumps(prepared)).snapshot == book


@for_every_policy
@given(book=snapshots(), data=st.data())
@examples(60)
def test_planning_some_skus_is_planning_everything_and_looking_at_them(
    book: Snapshot, data: st.DataObject, policy: AllocationPolicy
) -> None:
    skus = data.draw(st.lists(st.sampled_from(skus_of(book)), unique=True))
    whole = concern(plan(book, policy=policy), skus)

    for source in (book, Book.of(book)):
        made = plan(source, policy=policy, skus=skus)

        assert concern(made, skus) == whole
        assert [line.sku for line in made.lines if line.sku not in skus] == []


@for_every_policy
@given(book=snapshots(), data=st.data())
@examples(40)
def test_event_by_event_on_a_book_is_planning_the_whole_snapshot(
    book: Snapshot, data: st.DataObject, policy: AllocationPolicy
) -> None:
    whole = plan(book, policy=policy).outcome
    prepared = Book.of(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        touched, on_book, on_snapshot = data.draw(events(whole))
        strays = {(b.order, b.line) for b in whole.backorders} - set(lines_of(whole))
        try:
            changed = on_snapshot(whole)
        except InvalidInputError:
            with pytest.raises(InvalidInputError):
                on_book(prepared)
            continue
        before = prepared.snapshot
        after = on_book(prepared)
        assert after.snapshot == changed
        assert prepared.snapshot == before == whole

        prepared = apply(after, plan(after, policy=policy, skus=touched).changes)
        made = plan(changed, policy=policy)
        left = plan(prepared, policy=policy).changes

        # Only what was remembered of lines that were gone before is left for a plan of everything.
        assert all(isinstance(each, Backordered) and not each.quantity for each in left)
        assert {(each.order, each.line) for each in left} <= strays
        assert apply(prepared, left).snapshot == made.outcome
        prepared, whole = Book.of(made.outcome), made.outcome
