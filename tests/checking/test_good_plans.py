"""Whatever plans, the checker has nothing against it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, given

from backorderkit import (
    AllocationPolicy,
    Demand,
    FairShare,
    Fifo,
    KeepPromises,
    Priority,
    Snapshot,
    plan,
)
from backorderkit.checking import Findings, check_plan
from backorderkit.formats import dumps_plan, loads_plan
from backorderkit.testing import snapshots
from tests.laws.policies import examples, for_every_policy


def checked(book: Snapshot, policy: AllocationPolicy) -> Findings:
    document = dumps_plan(plan(book, policy=policy))
    return check_plan(book, loads_plan(document, snapshot=book))


@for_every_policy
@given(book=snapshots())
@examples(60)
def test_every_plan_of_every_policy_holds(book: Snapshot, policy: AllocationPolicy) -> None:
    assert checked(book, policy) == Findings()


@for_every_policy
@given(book=snapshots())
@examples(30)
def test_a_plan_of_an_outcome_holds(book: Snapshot, policy: AllocationPolicy) -> None:
    outcome = plan(book, policy=FairShare()).outcome

    assert checked(outcome, policy) == Findings()


@pytest.mark.parametrize("policy", [Fifo(), Priority(), FairShare()], ids=lambda each: each.name)
@given(book=snapshots())
@examples(60)
def test_plans_that_keep_promises_hold(book: Snapshot, policy: AllocationPolicy) -> None:
    assert checked(book, KeepPromises(policy)) == Findings()


@given(book=snapshots())
@examples(100)
def test_where_dates_are_held_units_are_held_back_and_no_fault(book: Snapshot) -> None:
    assert checked(book, KeepPromises(Fifo(), pull_in=False)).faults == ()


class Half:
    """Gives away half of what it is asked to share."""

    name = "half"
    holds_back = True

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        return Fifo().share(supply // 2, demands)


@given(book=snapshots())
@examples(100)
def test_a_policy_that_holds_back_is_noted_and_no_fault(book: Snapshot) -> None:
    # With bound lines a plan may name the location where its policy held back.
    assume(all(line.location is None for order in book.orders for line in order.lines))

    assert checked(book, Half()).faults == ()
