"""Law 5: idempotence, shipping, and time that passes."""

from __future__ import annotations

from datetime import timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import AllocationPolicy, Promised, Snapshot, plan
from backorderkit.testing import snapshots

from .books import after, at, covered, got_by_line, promised, with_lasting_holds, with_shipped
from .policies import examples, for_every_policy


@for_every_policy
@given(book=snapshots())
@examples(60)
def test_planning_the_outcome_again_changes_nothing(
    book: Snapshot, policy: AllocationPolicy
) -> None:
    again = plan(after(book, policy), policy=policy)

    assert again.changes == ()


@for_every_policy
@given(book=snapshots(), parts=st.lists(st.sampled_from((0, 1, 2, 9)), min_size=20, max_size=20))
@examples(60)
def test_shipping_what_is_allocated_changes_nothing_for_anybody(
    book: Snapshot, parts: list[int], policy: AllocationPolicy
) -> None:
    """
    Neither before the first plan nor after it, in whole or in part.
    """
    for settled in (book, after(book, policy)):
        quantities = {
            ((held.order, held.line), held.location): min(part, held.quantity)
            for held, part in zip(settled.allocations, parts, strict=False)
        }
        shipped = with_shipped(settled, quantities)

        with_it, without = plan(shipped, policy=policy), plan(settled, policy=policy)

        assert got_by_line(with_it.outcome) == got_by_line(without.outcome)
        assert promised(with_it) == promised(without)
        assert with_it.changes == without.changes


@for_every_policy
@given(book=snapshots(), hours=st.sampled_from((1, 15, 24, 26, 24 * 7, 24 * 40)))
@examples(60)
def test_time_that_passes_only_moves_the_dates_of_overdue_promises(
    book: Snapshot, hours: int, policy: AllocationPolicy
) -> None:
    settled = after(with_lasting_holds(book), policy)
    later = book.as_of + timedelta(hours=hours)

    made = plan(at(settled, later), policy=policy)

    told = {(known.order, known.line): known.promises for known in settled.backorders}
    for change in made.changes:
        assert isinstance(change, Promised)
        before = told[change.order, change.line]
        # Promises that are overdue by now share one date, and so go by their receipt.
        assert [(each.due, each.receipt, each.quantity) for each in change.promises] == sorted(
            (max(each.due, later), each.receipt, each.quantity) for each in before
        )
        assert any(each.due < later for each in before)


@for_every_policy
@given(book=snapshots(holds=4), hours=st.sampled_from((1, 2, 24, 24 * 7)))
@examples(60)
def test_holds_that_lapse_count_nothing_and_only_free_units(
    book: Snapshot, hours: int, policy: AllocationPolicy
) -> None:
    """
    The other side of the time that passes: what was held goes to the waiting.
    """
    before = plan(book, policy=policy)
    later = book.as_of + timedelta(hours=hours)
    left = [hold for hold in book.holds if hold.expires_at > later]

    then = plan(at(before.outcome, later), policy=policy)
    without = plan(attrs.evolve(at(before.outcome, later), holds=left), policy=policy)

    assert then.changes == without.changes
    for earlier, now in (
        (got_by_line(before.outcome), got_by_line(then.outcome)),
        (covered(before), covered(then)),
    ):
        assert all(now[key] >= units for key, units in earlier.items())
