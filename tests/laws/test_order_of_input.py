"""Laws 4 and 6: permutation and locality."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import TypeVar

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import AllocationPolicy, Snapshot, plan
from backorderkit.formats import dumps_plan, dumps_snapshot, dumps_snapshot_csv
from backorderkit.testing import snapshots

from .books import lines_of, only
from .policies import examples, for_every_policy

Entry = TypeVar("Entry")


@for_every_policy
@given(book=snapshots(), seed=st.integers(0, 999))
@examples(50)
def test_reordering_the_input_changes_no_byte(
    book: Snapshot, seed: int, policy: AllocationPolicy
) -> None:
    shuffled = shuffled_book(book, random.Random(seed))

    made = plan(book, policy=policy)
    again = plan(shuffled, policy=policy)

    assert shuffled == book
    assert repr(again.changes) == repr(made.changes)
    assert repr(again.lines) == repr(made.lines)
    assert repr(again.outcome) == repr(made.outcome)
    assert repr(again.totals) == repr(made.totals)
    assert dumps_plan(again) == dumps_plan(made)
    assert dumps_plan(again, format="csv") == dumps_plan(made, format="csv")
    assert dumps_snapshot(again.outcome) == dumps_snapshot(made.outcome)
    assert dumps_snapshot_csv(again.outcome) == dumps_snapshot_csv(made.outcome)


def shuffled_book(book: Snapshot, chance: random.Random) -> Snapshot:
    def mixed(entries: Iterable[Entry]) -> list[Entry]:
        listed = list(entries)
        chance.shuffle(listed)
        return listed

    return Snapshot(
        as_of=book.as_of,
        items=None if book.items is None else mixed(book.items),
        stock=mixed(book.stock),
        receipts=mixed(book.receipts),
        orders=mixed(attrs.evolve(order, lines=mixed(order.lines)) for order in book.orders),
        allocations=mixed(book.allocations),
        backorders=mixed(book.backorders),
        holds=mixed(book.holds),
    )


@for_every_policy
@given(book=snapshots(skus=["BOWL", "MUG", "TRAY"], max_lines=3))
@examples(50)
def test_planning_one_sku_gives_the_same_as_planning_all(
    book: Snapshot, policy: AllocationPolicy
) -> None:
    made = plan(book, policy=policy)

    for sku in {line.sku for _, line in lines_of(book).values()}:
        alone = plan(only(book, sku), policy=policy)
        assert alone.lines == tuple(line for line in made.lines if line.sku == sku)
        lines = lines_of(book)
        assert alone.changes == tuple(
            change
            for change in made.changes
            if (change.order, change.line) in lines
            and lines[change.order, change.line][1].sku == sku
        )
