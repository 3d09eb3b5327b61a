"""Planning with `KeepPromises`: which laws hold, and the contract itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backorderkit import KeepPromises, Location, Sku, Snapshot, plan
from backorderkit.testing import snapshots

from . import (
    test_a_plan_adds_up,
    test_order_of_input,
    test_planning_again,
    test_prepared_books,
    test_promises,
)
from .books import covered, got_by_line, with_stock
from .policies import examples
from .test_one_unit_more import with_one_more
from .told import (
    ALL_BOUND,
    ALL_FREE,
    MIXED,
    MUGS,
    ONE_LOCATION,
    dates_told,
    for_every_kept,
    for_every_mode,
    in_time,
    most_in_time,
    newcomers,
    schedules,
    slips,
    told,
)


def assert_not_worse(before: Snapshot, policy: KeepPromises, book: Snapshot) -> None:
    """By each date that a line was told, it has and is promised as much as was told."""
    was, now = plan(before, policy=policy), plan(book, policy=policy)
    assert was.changes == ()
    for key, dates in dates_told(before).items():
        for date in dates:
            assert covered(now, by=date)[key] >= covered(was, by=date)[key], (key, date)
    kept = got_by_line(now.outcome)
    assert all(kept[key] >= units for key, units in got_by_line(was.outcome).items())


@for_every_mode
@given(book=st.one_of(schedules(), MUGS), data=st.data())
@examples(30)
def test_newcomers_make_nobody_wait_longer_than_told(
    book: Snapshot, data: st.DataObject, policy: KeepPromises
) -> None:
    """
    Whatever their priority and age: the supply is the same, so it allows every promise.
    """
    before = told(book, policy)

    assert_not_worse(before, policy, data.draw(newcomers(before)))


@for_every_mode
@given(book=MUGS)
@examples(12)
def test_one_unit_more_makes_nobody_wait_longer_than_told(
    book: Snapshot, policy: KeepPromises
) -> None:
    before = told(book, policy)

    for richer in with_one_more(before):
        assert_not_worse(before, policy, richer)


@for_every_mode
@given(book=st.one_of(schedules(), MIXED, ALL_FREE, ALL_BOUND), data=st.data())
@examples(40)
def test_as_many_promises_as_possible_are_in_time_when_receipts_slip(
    book: Snapshot, data: st.DataObject, policy: KeepPromises
) -> None:
    """
    As many units as a matching of all supply with all that was told finds.
    """
    before = told(book, policy)
    slipped = data.draw(slips(data.draw(newcomers(before))))

    made = plan(slipped, policy=policy)

    assert in_time(slipped, made) == most_in_time(slipped)


@for_every_mode
@given(book=snapshots(memory=0))
@examples(20)
def test_without_promises_it_plans_as_the_policy_within(
    book: Snapshot, policy: KeepPromises
) -> None:
    kept, plain = plan(book, policy=policy), plan(book, policy=policy.within)

    assert kept.changes == plain.changes
    assert [line.reason for line in kept.lines] == [line.reason for line in plain.lines]


@for_every_kept
@given(book=ONE_LOCATION)
@examples(12)
def test_stock_may_come_in_parts_between_plans(book: Snapshot, policy: KeepPromises) -> None:
    """
    All have and are promised the same by each date, be it of another receipt of that day.
    """
    sku, location = Sku("MUG"), Location("MAIN")
    position = book.position(sku, location)
    at_once = plan(book, policy=policy)

    for part in range(position.allocated, position.on_hand):
        first = told(with_stock(book, {(sku, location): part}), policy)
        both = plan(with_stock(first, {(sku, location): position.on_hand}), policy=policy)
        for date in [book.as_of, *(receipt.due for receipt in book.receipts)]:
            assert covered(both, by=date) == covered(at_once, by=date)


Law = Callable[..., None]

ALL_MODES: list[Law] = [
    test_a_plan_adds_up.test_replaying_the_changes_gives_the_outcome,
    test_a_plan_adds_up.test_the_outcome_remembers_what_the_lines_say,
    test_a_plan_adds_up.test_no_change_says_what_was_known_before,
    test_a_plan_adds_up.test_units_are_neither_made_nor_lost,
    test_a_plan_adds_up.test_a_promise_names_a_receipt_that_fits_and_its_date_or_today,
    test_planning_again.test_planning_the_outcome_again_changes_nothing,
]
PULLED_IN: list[Law] = [
    test_a_plan_adds_up.test_nobody_waits_for_a_unit_that_lies_idle,
    test_promises.test_the_next_receipt_is_allocated_exactly_as_promised,
]


def bare(law: Law) -> Law:
    """Give the law itself, to be tried with other books."""
    inner: Any = law
    found: Law = inner.hypothesis.inner_test
    return found


@st.composite
def disturbed(draw: st.DrawFn, policy: KeepPromises) -> Snapshot:
    """A book as it is, or one in which promises were told before something happened."""
    book = draw(st.one_of(snapshots(), schedules(), MUGS))
    if draw(st.booleans()):
        book = draw(slips(draw(newcomers(told(book, policy)))))
    return book


@for_every_mode
@given(data=st.data())
@examples(15)
def test_the_laws_of_every_plan(data: st.DataObject, policy: KeepPromises) -> None:
    """
    Nothing lies idle and promises are exact only where nothing is held back for a date.
    """
    book = data.draw(disturbed(policy))
    for law in [*ALL_MODES, *(PULLED_IN if policy.pull_in else ())]:
        bare(law)(book=book, policy=policy)


@for_every_mode
@given(data=st.data(), seed=st.integers(0, 999))
@examples(8)
def test_the_order_of_input_changes_no_byte(
    data: st.DataObject, seed: int, policy: KeepPromises
) -> None:
    law = bare(test_order_of_input.test_reordering_the_input_changes_no_byte)
    law(book=data.draw(disturbed(policy)), seed=seed, policy=policy)


@for_every_mode
@given(book=snapshots(skus=["BOWL", "MUG", "TRAY"], max_lines=3))
@examples(8)
def test_one_sku_is_planned_as_all_are(book: Snapshot, policy: KeepPromises) -> None:
    law = bare(test_order_of_input.test_planning_one_sku_gives_the_same_as_planning_all)
    law(book=book, policy=policy)


@for_every_kept
@given(data=st.data(), hours=st.sampled_from((1, 15, 24, 26, 24 * 7, 24 * 40)))
@examples(10)
def test_time_only_moves_overdue_promises(
    data: st.DataObject, hours: int, policy: KeepPromises
) -> None:
    law = bare(test_planning_again.test_time_that_passes_only_moves_the_dates_of_overdue_promises)
    law(book=data.draw(disturbed(policy)), hours=hours, policy=policy)


@for_every_kept
@given(data=st.data())
@examples(10)
def test_a_prepared_book_is_planned_as_its_snapshot(
    data: st.DataObject, policy: KeepPromises
) -> None:
    law = bare(test_prepared_books.test_event_by_event_on_a_book_is_planning_the_whole_snapshot)
    law(book=data.draw(snapshots()), data=data, policy=policy)
