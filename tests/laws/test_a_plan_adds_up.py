"""Laws 1, 2 and 3: replay, conservation, no idle stock."""

from __future__ import annotations

from collections import Counter

from hypothesis import given

from backorderkit import (
    Allocated,
    AllocationPolicy,
    Backordered,
    Location,
    OrderLine,
    Promised,
    Snapshot,
    apply,
    plan,
)
from backorderkit.testing import snapshots

from .books import Key, Pool, granted, lines_of, receipts_in_order
from .policies import examples, for_every_policy


@for_every_policy
@given(book=snapshots())
@examples(60)
def test_replaying_the_changes_gives_the_outcome(book: Snapshot, policy: AllocationPolicy) -> None:
    made = plan(book, policy=policy)

    outcome = made.outcome

    assert apply(book, made.changes) == outcome
    # Built of its parts anew, it passes every check of a snapshot.
    again = Snapshot(
        as_of=outcome.as_of,
        items=outcome.items,
        stock=outcome.stock,
        receipts=outcome.receipts,
        orders=outcome.orders,
        allocations=outcome.allocations,
        backorders=outcome.backorders,
        holds=outcome.holds,
    )
    assert again == outcome
    assert (outcome.orders, outcome.stock, outcome.receipts, outcome.holds) == (
        book.orders,
        book.stock,
        book.receipts,
        book.holds,
    )


@for_every_policy
@given(book=snapshots())
@examples(60)
def test_the_outcome_remembers_what_the_lines_say(book: Snapshot, policy: AllocationPolicy) -> None:
    made = plan(book, policy=policy)

    outcome = made.outcome

    assert [(line.order, line.line) for line in made.lines] == sorted(
        key for key, (_, line) in lines_of(book).items() if line.outstanding
    )
    assert outcome.allocations == tuple(held for line in made.lines for held in line.allocations)
    known = {(known.order, known.line): known for known in outcome.backorders}
    assert set(known) == {(line.order, line.line) for line in made.lines if line.backordered}
    opened = {(old.order, old.line): old.opened_at for old in book.backorders}
    for line in made.lines:
        if line.backordered:
            backorder = known[line.order, line.line]
            assert (backorder.quantity, backorder.promises) == (line.backordered, line.promises)
            assert backorder.opened_at == opened.get((line.order, line.line), book.as_of)


@for_every_policy
@given(book=snapshots())
@examples(60)
def test_no_change_says_what_was_known_before(book: Snapshot, policy: AllocationPolicy) -> None:
    made = plan(book, policy=policy)

    known = {(old.order, old.line): old for old in book.backorders}
    said = set[tuple[object, ...]]()
    for change in made.changes:
        key = change.order, change.line
        match change:
            case Allocated():
                fact: tuple[object, ...] = (Allocated, key, change.location)
                assert change.quantity > 0
            case Backordered():
                fact = (Backordered, key)
                assert change.quantity != (known[key].quantity if key in known else 0)
            case Promised():
                fact = (Promised, key)
                assert change.promises != (known[key].promises if key in known else ())
        assert fact not in said
        said.add(fact)


@for_every_policy
@given(book=snapshots())
@examples(60)
def test_units_are_neither_made_nor_lost(book: Snapshot, policy: AllocationPolicy) -> None:
    made = plan(book, policy=policy)

    for line in made.lines:
        assert line.ordered == line.shipped + line.cancelled + line.allocated + line.backordered
        assert line.backordered == line.promised + line.unpromised
        assert line.backordered == sum(blocker.quantity for blocker in line.blockers)
        assert min(line.allocated, line.backordered, line.promised, line.unpromised) >= 0
        assert list(line.promises) == sorted(
            line.promises, key=lambda each: (each.due, each.receipt)
        )
    before = {(each.sku, each.location): each for each in book.positions}
    for position in made.outcome.positions:
        old = before[position.sku, position.location]
        assert 0 <= position.allocated <= position.on_hand
        assert position.allocated - old.allocated <= old.available
    old_allocations = {(a.order, a.line, a.location): a.quantity for a in book.allocations}
    new_allocations = {(a.order, a.line, a.location): a.quantity for a in made.outcome.allocations}
    assert all(new_allocations[key] >= quantity for key, quantity in old_allocations.items())
    totals = made.totals
    assert totals.lines == len(made.lines)
    for total in totals.by_unit:
        assert total.backordered == total.promised + total.unpromised


@for_every_policy
@given(book=snapshots())
@examples(60)
def test_a_promise_names_a_receipt_that_fits_and_its_date_or_today(
    book: Snapshot, policy: AllocationPolicy
) -> None:
    made = plan(book, policy=policy)

    receipts = {receipt.id: receipt for receipt in book.receipts}
    left = {receipt.id: receipt.quantity for receipt in book.receipts}
    lines = lines_of(book)
    for line in made.lines:
        assert len({promise.receipt for promise in line.promises}) == len(line.promises)
        for promise in line.promises:
            assert promise.receipt is not None
            receipt = receipts[promise.receipt]
            assert promise.due == max(receipt.due, book.as_of)
            assert receipt.sku == line.sku
            assert lines[line.order, line.line][1].location in (None, receipt.location)
            left[receipt.id] -= promise.quantity
    assert all(quantity >= 0 for quantity in left.values())


@for_every_policy
@given(book=snapshots())
@examples(60)
def test_nobody_waits_for_a_unit_that_lies_idle(book: Snapshot, policy: AllocationPolicy) -> None:
    """
    Not even for one that could be freed by placing the units of this event otherwise.
    """
    made = plan(book, policy=policy)

    lines = {key: line for key, (_, line) in lines_of(book).items() if line.outstanding}
    waits = {key: book.line(*key).unallocated for key in lines}
    grants = granted(made)
    for sku in {line.sku for line in lines.values()}:
        own = {key: line for key, line in lines.items() if line.sku == sku}
        supply = {each.location: each.available for each in book.positions if each.sku == sku}
        assert_nobody_could_get_more(supply, own, waits, grants)
    for key in waits:
        waits[key] -= grants[key]
    missing = Counter({(each.sku, each.location): each.missing for each in book.positions})
    given_of = Counter(
        {
            (line.order, line.line, promise.receipt): promise.quantity
            for line in made.lines
            for promise in line.promises
        }
    )
    for receipt in receipts_in_order(book):
        pool: Pool = receipt.sku, receipt.location
        refill = min(receipt.quantity, missing[pool])
        missing[pool] -= refill
        own = {key: line for key, line in lines.items() if line.sku == receipt.sku}
        grants = Counter({key: given_of[(*key, receipt.id)] for key in own})
        supply = {receipt.location: receipt.quantity - refill}
        assert_nobody_could_get_more(supply, own, waits, grants)
        for key in own:
            waits[key] -= grants[key]


def assert_nobody_could_get_more(
    supply: dict[Location, int],
    lines: dict[Key, OrderLine],
    waits: dict[Key, int],
    grants: Counter[Key],
) -> None:
    assert fits(supply, lines, grants)
    for key in lines:
        if grants[key] < waits[key]:
            assert not fits(supply, lines, grants + Counter({key: 1})), key


def fits(supply: dict[Location, int], lines: dict[Key, OrderLine], grants: Counter[Key]) -> bool:
    """Hall's condition: bound lines have one place, free ones have them all."""
    at = Counter[Location]()
    for key, line in lines.items():
        if line.location is not None:
            at[line.location] += grants[key]
    total = sum(grants[key] for key in lines)
    return total <= sum(supply.values()) and all(at[spot] <= supply.get(spot, 0) for spot in at)
