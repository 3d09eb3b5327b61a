"""A plan makes few objects that Python's collector looks at, until something is asked for."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest

from backorderkit import AllocationPolicy, Book, FairShare, Fifo, Priority, Snapshot, plan
from tests.benchmarks.workload import make_workload

SKUS = 500
RULES: tuple[AllocationPolicy, ...] = (
    Fifo(),
    Priority(),
    FairShare(),
    FairShare(rule="equal"),
    FairShare(rule="equal-losses"),
)


@pytest.fixture(name="count")
def counter() -> Iterator[Callable[[], int]]:
    """Count tracked objects, with nothing freed or collected beside."""
    gc.collect()
    gc.disable()
    yield lambda: len(gc.get_objects())
    gc.enable()


@pytest.mark.parametrize("policy", RULES, ids=str)
@pytest.mark.parametrize("receipts", [0, 3])
def test_fewer_than_half_an_object_for_each_sku(
    count: Callable[[], int], policy: AllocationPolicy, receipts: int
) -> None:
    snapshot = make_workload(10 * SKUS, skus=SKUS).snapshot(receipts=receipts)
    before = count()

    kept = plan(snapshot, policy=policy)
    made = count() - before

    assert kept.policy
    assert made < SKUS / 2


def test_asking_for_the_changes_makes_one_for_each(count: Callable[[], int]) -> None:
    snapshot = make_workload(10 * SKUS, skus=SKUS).snapshot()
    kept = plan(snapshot, policy=Fifo())
    before = count()

    changes = kept.changes

    assert len(changes) <= count() - before <= 1.1 * len(changes)


def test_planning_a_prepared_book_again_makes_few(count: Callable[[], int]) -> None:
    snapshot: Snapshot = make_workload(10 * SKUS, skus=SKUS).snapshot()
    book = Book.of(plan(snapshot, policy=Fifo()).outcome)
    before = count()

    kept = plan(book, policy=Fifo())

    assert kept.policy
    assert count() - before < SKUS / 2
