"""Policies and planner against their definitions, unit by unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given

from backorderkit import Allocated, Demand, Snapshot, plan
from backorderkit.testing import shortages, snapshots

from .policies import POLICIES, examples
from .reference import STANDARDS, plan_unit_by_unit, share_unit_by_unit

for_every_name = pytest.mark.parametrize("name", POLICIES)


@for_every_name
@given(shortage=shortages(max_demands=5, max_claim=12))
@examples(100)
def test_a_policy_answers_as_if_it_handed_out_unit_by_unit(
    shortage: tuple[int, list[Demand]], name: str
) -> None:
    supply, demands = shortage

    shares = POLICIES[name].share(supply, demands)

    assert list(shares) == share_unit_by_unit(STANDARDS[name], supply, demands)


def small_questions() -> Iterator[tuple[int, list[Demand]]]:
    """All questions of up to two demands that claim up to four, and of three up to three."""
    for count, most in ((1, 4), (2, 4), (3, 3)):
        pasts = [(claim, got) for claim in range(1, most + 1) for got in range(claim)]
        for chosen in product(pasts, repeat=count):
            demands = [
                Demand.of(name, claim=claim, got=got)
                for name, (claim, got) in zip("ABC", chosen, strict=False)
            ]
            for supply in range(sum(demand.limit for demand in demands) + 1):
                yield supply, demands


@pytest.mark.parametrize("name", ["fifo", "proportional", "equal", "equal-losses", "weighted"])
def test_all_small_questions_are_answered_as_if_unit_by_unit(name: str) -> None:
    for supply, demands in small_questions():
        shares = POLICIES[name].share(supply, demands)
        assert list(shares) == share_unit_by_unit(STANDARDS[name], supply, demands)


@for_every_name
@given(
    book=snapshots(
        skus=["MUG"], locations=["EAST", "MAIN", "WEST"], max_lines=3, memory=0, items=False
    )
)
@examples(100)
def test_a_plan_is_made_as_if_unit_by_unit_wherever_there_is_a_place(
    book: Snapshot, name: str
) -> None:
    """
    Several locations, bound and free lines, and everything else included.
    """
    made = plan(book, policy=POLICIES[name])

    lots = plan_unit_by_unit(STANDARDS[name], book)

    for line in made.lines:
        key = line.order, line.line
        places = {
            change.location: change.quantity
            for change in made.changes
            if isinstance(change, Allocated) and (change.order, change.line) == key
        }
        assert Counter(places) == lots[key].places
        receipts = Counter({each.receipt: each.quantity for each in line.promises})
        assert receipts == lots[key].receipts
