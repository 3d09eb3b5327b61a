"""The laws hold along thousands of random commands, and a naive model has every fact the same."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

import attrs
import pytest

from backorderkit import (
    Allocated,
    AllocationPolicy,
    Answer,
    Book,
    InvalidInputError,
    Item,
    PlaceOrder,
    Sku,
    Snapshot,
    answer,
    plan,
)
from backorderkit.testing import AS_OF
from backorderkit.testing._commands import Names, command_about
from backorderkit.testing._naive import after
from tests.effort import EFFORT
from tests.laws.policies import POLICIES

STEPS = 400 * EFFORT


def check_sums(book: Snapshot) -> None:
    """Conservation, by line and by pool; what waits is told as a backorder."""
    told = Counter({(each.order, each.line): each.quantity for each in book.backorders})
    for order in book.orders:
        for line in order.lines:
            allocated = book.line(order.id, line.id).allocated
            waiting = told[order.id, line.id]
            assert line.ordered == line.shipped + line.cancelled + allocated + waiting
    for position in book.positions:
        assert 0 <= position.allocated <= position.on_hand


def check_nobody_waits_in_vain(book: Snapshot, policy: AllocationPolicy) -> None:
    changes = plan(book, policy=policy).changes
    assert not [change for change in changes if isinstance(change, Allocated)]


def taken(found: Answer[Book], book: Snapshot) -> Snapshot:
    for fact in found.changes:
        book = after(fact, book)
    return book


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_a_long_run(name: str) -> None:
    choose, policy = Random(name), POLICIES[name]
    items = [
        Item(sku=Sku("BOWL"), backorders="deny"),
        Item(sku=Sku("CUP"), backorder_limit=20),
        Item(sku=Sku("MUG")),
    ]
    start = Snapshot.of(as_of=AS_OF, items=items, stock={("MUG", "EAST"): 3, ("CUP", "MAIN"): 3})
    naive, book = start, Book.of(start)
    kinds = Counter[str]()
    for number in range(STEPS):
        moment = AS_OF + number * timedelta(hours=1)
        naive, book = naive.at(moment), book.at(moment)
        command = command_about(Names.of(naive), choose)
        try:
            found = answer(book, command, policy=policy)
        except InvalidInputError:
            kinds["unfit"] += 1
            continue
        kinds["refused" if found.refusal else type(command).__name__] += 1
        naive, book = taken(found, naive), found.outcome
        assert book.snapshot == naive, command
        check_sums(naive)
        if found.accepted and isinstance(command, PlaceOrder) and command.shortfall != "backorder":
            own = [each for each in naive.backorders if each.order == command.order.id]
            assert not own
        if number % 10 == 0:
            check_nobody_waits_in_vain(naive, policy)

    assert attrs.evolve(naive) == naive
    # It is a run of a shop, not of refusals.
    assert len(kinds) >= 16, kinds
    assert kinds["unfit"] < STEPS / 2, kinds
    assert sorted(kinds.values())[4] >= 5 * EFFORT, kinds
