"""`KeepPromises` as a policy: its name, what it declares, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from backorderkit import (
    Demand,
    FairShare,
    Fifo,
    InvalidValueError,
    KeepPromises,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    Plan,
    PlanLine,
    PolicyViolationError,
    Priority,
    Ranked,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.model import read_time
from backorderkit.testing import check_policy
from tests.planning.books import book, opened, order, promise, stock
from tests.planning.books import receipt as coming
from tests.planning.books import told as dates


def test_it_is_named_after_what_is_within() -> None:
    assert KeepPromises(Fifo()).name == "fifo, promises kept"
    assert KeepPromises(FairShare(), pull_in=False).name == "fair-share, promised dates held"


def test_it_declares_what_is_within() -> None:
    assert KeepPromises(FairShare()).laws == FairShare().laws
    assert not KeepPromises(Fifo()).holds_back
    assert KeepPromises(Fifo(), pull_in=False).holds_back


@pytest.mark.parametrize("pull_in", [True, False])
def test_a_question_alone_is_answered_as_within(*, pull_in: bool) -> None:
    check_policy(KeepPromises(Priority(within=FairShare()), pull_in=pull_in))


@pytest.mark.parametrize(
    ("make", "field"),
    [
        pytest.param(lambda: KeepPromises("fifo"), "within", id="no policy"),  # type: ignore[arg-type]
        pytest.param(lambda: KeepPromises(Fifo(), pull_in=1), "pull_in", id="no bool"),  # type: ignore[arg-type]
        pytest.param(lambda: KeepPromises(KeepPromises(Fifo())), "within", id="kept twice"),
        pytest.param(lambda: Priority(within=KeepPromises(Fifo())), "within", id="in classes"),
        pytest.param(
            lambda: Ranked(key=lambda _: 0, within=KeepPromises(Fifo())), "within", id="in a rank"
        ),
    ],
)
def test_what_means_nothing_cannot_be_made(make: Callable[[], object], field: str) -> None:
    """
    Promises that are kept inside of another policy would be lost without a word.
    """
    with pytest.raises(InvalidValueError) as raised:
        make()

    assert raised.value.field == field


def receipt(name: str, due: str, quantity: int) -> ScheduledReceipt:
    return ScheduledReceipt(
        id=ReceiptId(name), sku=Sku("MUG"), quantity=quantity, due=read_time(due)
    )


ORDERS = [
    Order.of("OLD", "2026-01-01", {"MUG": 2}, priority=5),
    Order.of("URGENT", "2026-01-02", {"MUG": 2}, priority=1),
]


def told_together() -> Snapshot:
    """Both orders are told the same day, of one receipt."""
    book = Snapshot.of(
        as_of="2026-01-05", orders=ORDERS, receipts=[receipt("PO-1", "2026-01-12", 4)]
    )
    return plan(book, policy=Fifo()).outcome


@pytest.mark.parametrize(
    ("within", "expected"), [(Fifo(), [2, 1]), (Priority(), [1, 2]), (FairShare(), [2, 1])]
)
def test_the_policy_within_decides_between_promises_of_one_day(
    within: Fifo | Priority | FairShare, expected: list[int]
) -> None:
    told = told_together()
    shrunk = Snapshot.of(
        as_of=told.as_of,
        orders=ORDERS,
        receipts=[receipt("PO-1", "2026-01-12", 3)],
        backorders=told.backorders,
    )

    made = plan(shrunk, policy=KeepPromises(within))

    assert [line.promised for line in made.lines] == expected


class Miser:
    """Gives one unit to the first, and holds the rest back."""

    holds_back = True

    def share(self, supply: int, demands: list[Demand], /) -> list[int]:
        return [min(1, supply), *(0 for _ in demands[1:])]


def test_a_policy_that_holds_back_holds_nothing_back_from_promises() -> None:
    told = told_together()
    shrunk = Snapshot.of(
        as_of=told.as_of,
        orders=ORDERS,
        receipts=[receipt("PO-1", "2026-01-12", 3)],
        backorders=told.backorders,
    )

    made = plan(shrunk, policy=KeepPromises(Miser()))  # type: ignore[arg-type]

    assert [line.promised for line in made.lines] == [2, 1]


class Greedy:
    """Gives more than there is."""

    def share(self, supply: int, demands: list[Demand], /) -> list[int]:
        return [supply + 1, *(0 for _ in demands[1:])]


def test_a_policy_within_is_checked_by_its_own_name() -> None:
    book = Snapshot.of(as_of="2026-01-05", stock={"MUG": 1}, orders=ORDERS)

    with pytest.raises(PolicyViolationError) as raised:
        plan(book, policy=KeepPromises(Greedy()))  # type: ignore[arg-type]

    assert (raised.value.policy, raised.value.clause) == ("Greedy", "P3")


def test_what_comes_early_goes_first_to_whom_it_was_promised_where_lines_and_places_mix() -> None:
    """A free line told an earlier day can wait for its own receipt; a bound one has no other."""
    east = Location("EAST")
    bound = OrderLine(id=LineId("1"), sku=Sku("MUG"), ordered=2, location=east)
    orders = [Order.of("FREE", "2026-01-01", {"MUG": 2}), Order.of("BOUND", "2026-01-02", [bound])]
    coming = [
        receipt("PO-1", "2026-01-12", 2),
        attrs.evolve(receipt("PO-2", "2026-01-19", 2), location=east),
    ]
    for pull_in in (True, False):
        policy = KeepPromises(Fifo(), pull_in=pull_in)
        monday = Snapshot.of(as_of="2026-01-05", orders=orders, receipts=coming)
        told = plan(monday, policy=policy).outcome
        early = Snapshot.of(
            as_of="2026-01-06",
            stock={("MUG", "EAST"): 2},
            orders=orders,
            receipts=coming[:1],
            backorders=told.backorders,
        )
        made = {line.order: line for line in plan(early, policy=policy).lines}
        assert made[OrderId("BOUND")].allocated == 2
        assert made[OrderId("FREE")].promised == 2


def line_of(made: Plan, order_id: str) -> PlanLine:
    return next(line for line in made.lines if line.order == order_id)


@pytest.mark.parametrize("pull_in", [True, False])
@pytest.mark.parametrize(("there", "kept"), [(5, 4), (2, 2)])
def test_what_was_promised_of_stock_is_kept_as_far_as_it_is_there(
    there: int, kept: int, *, pull_in: bool
) -> None:
    told = [promise(1, "2026-01-12"), promise(3, "2026-01-14")]
    snapshot = book(
        [stock(there)],
        [order("LATE", 4), order("Z", 9, priority=1)],
        backorders=[opened("LATE", 4, *told)],
    )

    made = plan(snapshot, policy=KeepPromises(Priority(), pull_in=pull_in))

    # No receipt comes until then, so the units are the line's now.
    assert line_of(made, "LATE").allocated == kept
    assert line_of(made, "Z").allocated == there - kept


def test_what_was_promised_of_stock_waits_for_a_receipt_that_comes_in_time() -> None:
    snapshot = book(
        [stock(4)],
        [order("LATE", 4), order("Z", 4, priority=1)],
        [coming("PO", 4, "2026-01-12")],
        backorders=[opened("LATE", 4, promise(4, "2026-01-14"))],
    )

    made = plan(snapshot, policy=KeepPromises(Priority()))

    assert line_of(made, "Z").allocated == 4
    assert dates(line_of(made, "LATE")) == [(4, "01-12 00:00", "PO")]


def test_of_promises_of_a_day_those_of_stock_get_what_is_on_hand() -> None:
    snapshot = book(
        [stock(2)],
        [order("A", 2), order("B", 2)],
        backorders=[
            opened("A", 2, promise(2, "2026-01-12", "PO")),
            opened("B", 2, promise(2, "2026-01-12")),
        ],
        receipts=[coming("PO", 2, "2026-01-14")],
    )

    made = plan(snapshot, policy=KeepPromises(Fifo()))

    assert line_of(made, "B").allocated == 2
    assert dates(line_of(made, "A")) == [(2, "01-14 00:00", "PO")]


@pytest.mark.parametrize("pull_in", [True, False])
def test_where_lines_and_places_mix_a_free_line_waits_for_what_its_promise_needs(
    *, pull_in: bool
) -> None:
    """Two come to each place: the free line needs none of the first two, nor does the bound one."""
    orders = [order("FREE", 2), order("BOUND", 2, location="EAST"), order("NEW", 2, priority=1)]
    receipts = [coming("PO-1", 2, "2026-01-12"), coming("PO-2", 2, "2026-01-12", at="EAST")]
    known = [
        opened("FREE", 2, promise(2, "2026-01-12", "PO-1")),
        opened("BOUND", 2, promise(2, "2026-01-12", "PO-2")),
    ]

    made = plan(
        book({"MUG": 2}, orders, receipts, backorders=known),
        policy=KeepPromises(Priority(), pull_in=pull_in),
    )

    assert line_of(made, "NEW").allocated == 2
    assert dates(line_of(made, "FREE")) == [(2, "01-12 00:00", "PO-1")]
    assert dates(line_of(made, "BOUND")) == [(2, "01-12 00:00", "PO-2")]


def test_where_lines_and_places_mix_dates_are_held_too() -> None:
    orders = [order("FREE", 1), order("BOUND", 1, location="EAST")]
    receipts = [coming("PO-1", 1, "2026-01-12"), coming("PO-2", 1, "2026-01-12", at="EAST")]
    known = [
        opened("FREE", 1, promise(1, "2026-01-12", "PO-1")),
        opened("BOUND", 1, promise(1, "2026-01-12", "PO-2")),
    ]

    made = plan(
        book([stock(1), stock(1, at="EAST")], orders, receipts, backorders=known),
        policy=KeepPromises(Fifo(), pull_in=False),
    )

    assert made.changes == ()


def test_either_of_a_free_and_a_bound_line_makes_room_for_the_other() -> None:
    """Both receipts come to one place on one day: whoever was told the first gets it."""
    orders = [
        order("BOUND", 1, location="EAST"),
        order("FREE", 1),
        order("ELSEWHERE", 1, location="MAIN"),
    ]
    receipts = [coming(name, 1, "2026-01-12", at="EAST") for name in ("PO-1", "PO-2")]
    known = [
        opened("BOUND", 1, promise(1, "2026-01-12", "PO-1")),
        opened("FREE", 1, promise(1, "2026-01-12", "PO-2")),
        opened("ELSEWHERE", 1),
    ]

    made = plan(book({}, orders, receipts, backorders=known), policy=KeepPromises(Fifo()))

    assert made.changes == ()


def test_what_is_promised_of_a_receipt_of_today_waits_for_it_where_dates_are_held() -> None:
    """Of the units of the 12th one must come earlier; planned again, it stays where it is."""
    receipts = [coming("PO-1", 1, "2026-01-05T23:30:00Z"), coming("PO-2", 1, "2026-01-12")]
    known = [opened("A", 2, promise(2, "2026-01-12", "PO-2"))]
    policy = KeepPromises(Fifo(), pull_in=False)

    first = plan(book({"MUG": 1}, [order("A", 2)], receipts, backorders=known), policy=policy)

    assert dates(line_of(first, "A")) == [(1, "01-05 23:30", "PO-1"), (1, "01-12 00:00", "PO-2")]
    assert plan(first.outcome, policy=policy).changes == ()


def test_where_a_place_lacks_what_it_owes_free_lines_keep_nothing_for_it() -> None:
    """EAST brings too little for who is bound to it; the free line's own receipt still comes."""
    orders = [order("BOUND", 2, location="EAST"), order("FREE", 1), order("NEW", 1, priority=1)]
    receipts = [coming("PO-1", 1, "2026-01-12", at="EAST"), coming("PO-2", 1, "2026-01-12")]
    known = [
        opened("BOUND", 2, promise(2, "2026-01-12", "PO-1")),
        opened("FREE", 1, promise(1, "2026-01-12", "PO-2")),
    ]

    made = plan(
        book({"MUG": 1}, orders, receipts, backorders=known), policy=KeepPromises(Priority())
    )

    assert line_of(made, "NEW").allocated == 1
    assert dates(line_of(made, "FREE")) == [(1, "01-12 00:00", "PO-2")]
