"""Whatever plans, the checker has nothing against it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import pytest
from hypothesis import given

from backorderkit import (
    AllocationPolicy,
    Demand,
    FairShare,
    Fifo,
    KeepPromises,
    Order,
    Priority,
    ReceiptId,
    ScheduledReceipt,
    Shipping,
    ShipRule,
    Sku,
    Snapshot,
    StockLevel,
    plan,
)
from backorderkit.checking import Findings, check_plan
from backorderkit.formats import dumps_plan, loads_plan
from backorderkit.model import read_time
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


@given(book=snapshots(bound=False))
@examples(100)
def test_a_policy_that_holds_back_is_noted_and_no_fault(book: Snapshot) -> None:

    assert checked(book, Half()).faults == ()


@pytest.mark.parametrize("waits", [False, True], ids=["skipping", "strict"])
@given(book=snapshots(bound=False))
@examples(40)
def test_what_ship_rules_let_lie_is_noted_and_no_fault(book: Snapshot, *, waits: bool) -> None:
    policy = Shipping(Fifo(), rule=ShipRule(whole=True), waits=waits)

    found = checked(book, policy)

    assert found.holds, found.faults


def test_a_promise_beyond_what_lies_is_a_fault_under_a_ship_rule_too() -> None:
    po = ScheduledReceipt(
        id=ReceiptId("PO-1"), sku=Sku("MUG"), quantity=3, due=read_time("2026-01-09")
    )
    book = Snapshot.of(
        as_of="2026-01-05",
        stock={"MUG": 3},
        receipts=[po],
        orders=[Order.of("SO-1", "2026-01-02", {"MUG": 5})],
    )
    good = dumps_plan(plan(book, policy=Shipping(Fifo(), rule=ShipRule(whole=True))))
    less = attrs.evolve(book, stock=[StockLevel(sku=Sku("MUG"), on_hand=1)])

    found = check_plan(less, loads_plan(good, snapshot=less))

    assert "C11" in {str(fault).split()[0] for fault in found.faults}
