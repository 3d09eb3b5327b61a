"""Changes become the next snapshot, or are refused whole."""

from __future__ import annotations

import pytest

from backorderkit import (
    Allocated,
    Backordered,
    Change,
    Fifo,
    InvalidInputError,
    InvalidValueError,
    LineId,
    Location,
    OrderId,
    Promised,
    Snapshot,
    apply,
    plan,
)
from tests.planning.books import book, held, opened, order, promise, stock

LINE = LineId("1")
BOOK = book(
    [stock(4), stock(9, at="SHOP")],
    [order("A", 5), order("B", 5, location="SHOP"), order("C", 3)],
    allocations=[held("A", 1)],
    backorders=[opened("C", 3), opened("GONE", 1)],
)


def allocated(id_: str, quantity: int, at: str = "MAIN") -> Allocated:
    return Allocated(order=OrderId(id_), line=LINE, location=Location(at), quantity=quantity)


def test_allocations_add_up_and_backorders_keep_their_day() -> None:
    after = apply(
        BOOK,
        [
            allocated("A", 1),
            allocated("A", 2, "SHOP"),
            Backordered(order=OrderId("A"), line=LINE, quantity=1),
            Backordered(order=OrderId("C"), line=LINE, quantity=2),
            Promised(order=OrderId("C"), line=LINE, promises=[promise(2, "2026-01-09", "R1")]),
            Backordered(order=OrderId("GONE"), line=LINE, quantity=0),
        ],
    )

    assert [(a.order, a.location, a.quantity) for a in after.allocations] == [
        ("A", "MAIN", 2),
        ("A", "SHOP", 2),
    ]
    assert [(b.order, b.quantity, b.promised, f"{b.opened_at:%d}") for b in after.backorders] == [
        ("A", 1, 0, "05"),
        ("C", 2, 2, "03"),
    ]
    assert BOOK.allocations == (held("A", 1),)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            [allocated("A", 1), allocated("A", 4)],
            "changes[1].quantity: got 4, must fit the 2 that are unallocated there"
            " (order A, line 1, SKU MUG, location MAIN)",
        ),
        (
            [allocated("C", 1), allocated("C", 3, "SHOP")],
            "changes[1].quantity: got 3, must fit the 2 that the line waits for"
            " (order C, line 1, SKU MUG, location SHOP)",
        ),
        (
            [allocated("B", 1)],
            "changes[0].location: got 'MAIN', must be the line's own location SHOP"
            " (order B, line 1, SKU MUG, location MAIN)",
        ),
        (
            [allocated("Z", 1)],
            "changes[0].line: got '1', must name an existing order line (order Z, line 1)",
        ),
        (
            [Backordered(order=OrderId("Z"), line=LINE, quantity=1)],
            "changes[0].line: got '1', must name an existing order line (order Z, line 1)",
        ),
        (
            [Backordered(order=OrderId("A"), line=LINE, quantity=0)],
            "changes[0].line: got '1', must have an open backorder (order A, line 1, SKU MUG)",
        ),
        (
            [Promised(order=OrderId("Z"), line=LINE, promises=())],
            "changes[0].line: got '1', must have an open backorder (order Z, line 1)",
        ),
    ],
)
def test_changes_that_do_not_fit_are_refused_with_their_path(
    changes: list[Change], expected: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        apply(BOOK, changes)

    assert [str(problem) for problem in caught.value.exceptions] == [expected]


def test_all_changes_that_do_not_fit_are_named() -> None:
    with pytest.raises(InvalidInputError, match="changes: 2 problems"):
        apply(BOOK, [allocated("Z", 1), allocated("A", 1), allocated("B", 1)])


def test_a_plan_does_not_apply_twice() -> None:
    made = plan(BOOK, policy=Fifo())

    with pytest.raises(InvalidInputError):
        apply(made.outcome, made.changes)


def test_only_changes_are_changes() -> None:
    with pytest.raises(InvalidInputError) as caught:
        apply(BOOK, ["allocated"])  # type: ignore[list-item]

    (problem,) = caught.value.exceptions
    assert str(problem) == "changes[0]: got 'allocated', must be a change"


def test_what_is_no_snapshot_or_no_changes_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="snapshot: got nothing, must be a Snapshot"):
        apply(None, [])  # type: ignore[call-overload]
    with pytest.raises(InvalidValueError, match="changes: got nothing, must be an iterable"):
        apply(Snapshot.of(as_of="2026-01-05"), None)  # type: ignore[call-overload]
