"""Plans in which units come from several locations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from backorderkit import (
    Allocation,
    FairShare,
    FewestShipments,
    Fifo,
    FullestFirst,
    InLocationOrder,
    InvalidValueError,
    KeepPromises,
    Location,
    Placing,
    Plan,
    PolicyViolationError,
    Priority,
    Shipping,
    ShipRule,
    Sku,
    Snapshot,
    ToPlace,
    answer,
    plan,
)
from backorderkit.commands import Replan, ShipOrder
from backorderkit.model import LineId, OrderId
from backorderkit.policies import AllocationPolicy
from backorderkit.service import Backorders
from backorderkit.storage import MemoryStore
from tests.testing import placing_doubles as doubles

from .books import book, held, order, receipt, stock, told

UNSPLIT = InLocationOrder(split="never")


def shop(
    there: Mapping[str, int],
    *wanted: int,
    allocations: Sequence[Allocation] = (),
) -> Snapshot:
    return book(
        [stock(units, at=name) for name, units in there.items()],
        [order(f"SO-{number}", units) for number, units in enumerate(wanted, 1)],
        allocations=allocations,
    )


def by(placing: Placing, snapshot: Snapshot, policy: AllocationPolicy | None = None) -> Plan:
    return plan(snapshot, policy=policy or Fifo(), placing=placing)


def placed(made: Plan) -> list[dict[str, int]]:
    return [{each.location: each.quantity for each in line.allocations} for line in made.lines]


def test_a_plan_says_which_placing_it_was() -> None:
    usual, unsplit = (by(placing, shop({"A": 1}, 1)) for placing in (FullestFirst(), UNSPLIT))

    assert (usual.policy, usual.placing) == ("fifo", "fullest-first")
    assert (unsplit.policy, unsplit.placing) == (
        "fifo, lines unsplit",
        "location-order, unsplit",
    )


def test_a_line_that_is_not_split_waits_and_says_for_what() -> None:
    made = by(UNSPLIT, shop({"A": 3, "B": 3}, 4, 2))

    assert placed(made) == [{"A": 3}, {"B": 2}]
    first = made.lines[0]
    assert [(each.kind, each.quantity) for each in first.blockers] == [("location", 1)]
    assert first.reason == (
        "3 of 4 pcs allocated at A; 1 pcs at other locations do not help, since the line is"
        " not split; nothing in sight for 1 pcs."
    )
    assert [other.order for other in made.explain(OrderId("SO-1"), LineId("1")).served] == []


def test_what_a_line_is_denied_goes_to_the_next_and_the_line_says_so_still() -> None:
    made = by(UNSPLIT, shop({"A": 3, "B": 3}, 4, 10))

    assert placed(made) == [{"A": 3}, {"B": 3}]
    assert [[(each.kind, each.quantity) for each in line.blockers] for line in made.lines] == [
        [("location", 1)],
        [("stock", 7)],
    ]


def test_whoever_is_served_first_chooses_first() -> None:
    snapshot = book(
        [stock(5, at="A"), stock(3, at="B")],
        [order("SO-1", 4, priority=5), order("SO-2", 5, priority=1)],
    )

    assert placed(by(UNSPLIT, snapshot)) == [{"A": 4}, {"B": 3}]
    assert placed(by(UNSPLIT, snapshot, Priority())) == [{"B": 3}, {"A": 5}]


def test_a_line_that_has_units_stays_there_if_it_is_not_split() -> None:
    snapshot = shop({"A": 3, "B": 9}, 6, allocations=[held("SO-1", 2, at="A")])

    made = by(UNSPLIT, snapshot)

    assert placed(made) == [{"A": 3}]
    assert [(each.kind, each.quantity) for each in made.lines[0].blockers] == [("location", 3)]
    assert placed(by(InLocationOrder(), snapshot)) == [{"A": 3, "B": 3}]


def test_a_line_that_was_split_before_gets_more_where_it_has_most() -> None:
    old = [held("SO-1", 1, at="A"), held("SO-1", 2, at="B")]

    made = by(UNSPLIT, shop({"A": 9, "B": 4}, 8, allocations=old))

    assert placed(made) == [{"A": 1, "B": 4}]


def test_receipts_elsewhere_are_not_promised_to_a_line_that_is_not_split() -> None:
    snapshot = book(
        [stock(3, at="A")],
        [order("SO-1", 6), order("SO-2", 4)],
        [receipt("PO-1", 3, "2026-01-10", at="B"), receipt("PO-2", 2, "2026-01-12", at="A")],
    )

    made = by(UNSPLIT, snapshot)

    assert placed(made) == [{"A": 3}, {}]
    assert [told(line) for line in made.lines] == [
        [(2, "01-12 00:00", "PO-2")],
        [(3, "01-10 00:00", "PO-1")],
    ]


def test_one_unit_more_may_take_from_somebody_where_lines_are_not_split() -> None:
    """Not monotone: with more at A the first goes there, and leaves B to the second."""
    fewer, more = (by(UNSPLIT, shop({"A": there, "B": 3}, 2, 3, 1)) for there in (1, 2))

    assert placed(fewer) == [{"B": 2}, {"A": 1}, {"B": 1}]
    assert placed(more) == [{"A": 2}, {"B": 3}, {}]


def test_shipping_what_a_line_has_sets_it_free_again() -> None:
    """Not stable under shipping: what left the house ties the rest to no location."""
    before = by(UNSPLIT, shop({"A": 3, "B": 2}, 5)).outcome
    ship = ShipOrder(order=OrderId("SO-1"))

    shipped = answer(before, ship, policy=Fifo(), placing=UNSPLIT)

    assert placed(shipped.plan) == [{"B": 2}]


@pytest.mark.parametrize(
    "policy",
    [KeepPromises(Fifo()), Shipping(Fifo(), rule=ShipRule(whole=True))],
    ids=lambda each: each.name,
)
def test_modes_of_plans_go_with_placings_that_split(policy: AllocationPolicy) -> None:
    snapshot = shop({"A": 3, "B": 5}, 4)

    assert placed(by(FewestShipments(), snapshot, policy)) == [{"B": 4}]
    with pytest.raises(InvalidValueError, match="must split lines where the policy is"):
        by(UNSPLIT, snapshot, policy)
    with pytest.raises(InvalidValueError, match="must split lines"):
        answer(snapshot, Replan(skus=[]), policy=policy, placing=UNSPLIT)


def test_under_ship_rules_a_line_is_promised_where_it_will_be_complete() -> None:
    snapshot = book(
        [stock(1, at="A"), stock(2, at="B")],
        [order("SO-1", 5)],
        [receipt("PO-1", 3, "2026-01-10", at="B")],
    )
    shipping = Shipping(Fifo(), rule=ShipRule(whole=True))

    made = by(FewestShipments(), snapshot, shipping)

    assert placed(made) == [{}]
    assert told(made.lines[0]) == [(5, "01-10 00:00", "PO-1")]


DOUBLES = [
    pytest.param(doubles.ForgetsTheLast(), "L1", id="L1"),
    pytest.param(doubles.NamesEmptyPlaces(), "L1", id="L1 empty"),
    pytest.param(doubles.PlacesInFractions(), "L1", id="L1 floats"),
    pytest.param(doubles.LeavesOneOut(), "L2", id="L2"),
    pytest.param(doubles.OverlooksSites(), "L3", id="L3"),
    pytest.param(doubles.TakesTwice(), "L4", id="L4"),
    pytest.param(doubles.SplitsAllTheSame(), "L6", id="L6 splits"),
    pytest.param(doubles.GivesNothingRather(), "L6", id="L6 nothing"),
    pytest.param(doubles.LeavesOneThere(), "L6", id="L6 leaves"),
]


@pytest.mark.parametrize(("placing", "clause"), DOUBLES)
def test_a_broken_placing_is_caught_where_its_answer_comes_back(
    placing: Placing, clause: str
) -> None:
    snapshot = book(
        [stock(4, at="A"), stock(3, at="B")],
        [order("SO-1", 5), order("SO-2", 2, location="A")],
    )

    with pytest.raises(PolicyViolationError) as caught:
        by(placing, snapshot)

    assert (caught.value.clause, caught.value.policy) == (clause, type(placing).__name__)
    assert "asked to place" in caught.value.detail


def test_what_a_placing_raises_comes_out_with_the_question_as_a_note() -> None:
    with pytest.raises(LookupError) as caught:
        by(doubles.Breaks(), shop({"A": 4, "B": 3}, 5))

    assert caught.value.__notes__ == [
        "placing 'Breaks' was asked to place 5 units of SKU MUG for 1 lines from 2 locations with 7"
    ]


@pytest.mark.parametrize("wrong", [None, InLocationOrder, Fifo(), "location-order"])
def test_what_is_no_placing_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidValueError, match="must be a placing"):
        plan(shop({"A": 1}, 1), policy=Fifo(), placing=wrong)  # type: ignore[arg-type]


class Noted:
    """Notes what it is asked, and places by name."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[Location, int], list[ToPlace]]] = []

    def place(
        self, supply: Mapping[Location, int], lines: Sequence[ToPlace], /
    ) -> Sequence[Mapping[Location, int]]:
        self.asked.append((dict(supply), list(lines)))
        return InLocationOrder().place(supply, lines)


def test_an_own_placing_is_told_what_lines_have_already_and_where() -> None:
    noted = Noted()
    snapshot = shop({"A": 4, "B": 5, "C": 0}, 4, 2, allocations=[held("SO-1", 1, at="B")])

    made = by(noted, snapshot)

    ((supply, lines),) = noted.asked
    assert supply == {"A": 4, "B": 4}
    assert [(line.order.id, line.share, line.site, dict(line.held)) for line in lines] == [
        ("SO-1", 3, None, {"B": 1}),
        ("SO-2", 2, None, {}),
    ]
    assert made.placing == "Noted"


def test_nobody_is_asked_where_there_is_one_location() -> None:
    noted = Noted()

    assert placed(by(noted, shop({"A": 4}, 3))) == [{"A": 3}]
    assert noted.asked == []


def test_a_store_is_served_by_the_placing_of_its_service() -> None:
    store = MemoryStore(shop({"A": 3, "B": 5}, 4))
    shop_ = Backorders(store, policy=FairShare(), placing=FewestShipments())

    done = shop_.do(Replan(skus=[Sku("MUG")]), key="night")

    (allocated, *_) = done.changes
    assert getattr(allocated, "location", None) == "B"
