"""Laws of impacts: what they say is the difference of two plans, and comes true."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backorderkit import AllocationPolicy, Book, Plan, Snapshot, answer, plan
from backorderkit.commands import CancelReceipt, ScheduleReceipt
from backorderkit.promising import impact, rescues, with_rescues
from backorderkit.testing import snapshots
from tests.laws.policies import examples, for_every_policy

from .moving import dates_of, moves, slipped, with_moves, worse

ALL = ("later", "smaller", "earlier", "grown", "gone")
LESS = ("smaller", "gone")
BOOKS = snapshots(receipts=4).filter(lambda book: bool(book.receipts))


@for_every_policy
@given(book=BOOKS, data=st.data())
@examples(20)
def test_the_slips_are_the_difference_of_the_two_plans(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject
) -> None:
    given_moves = data.draw(moves(book, ALL))

    found = impact(book, given_moves, policy=policy)

    was = dates_of(plan(book, policy=policy))
    now = dates_of(plan(with_moves(book, given_moves), policy=policy))
    changed = {key: _difference(was[key], now[key]) for key in was}
    said = slipped(found)
    assert {key: {d: n for d, n in days.items() if n} for key, days in said.items()} == {
        key: days for key, days in changed.items() if days
    }
    for slip in found.lines:
        assert slip.quantity > 0
        assert slip.before is None or slip.after is None or slip.days_later


def _difference(was: Counter[date | None], now: Counter[date | None]) -> dict[date | None, int]:
    return {day: now[day] - was[day] for day in {*was, *now} if now[day] != was[day]}


@for_every_policy
@given(book=BOOKS, data=st.data())
@examples(15)
def test_as_many_units_get_worse_as_a_look_at_each_unit_counts(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject
) -> None:
    given_moves = data.draw(moves(book, ALL))

    found = impact(book, given_moves, policy=policy)

    was, now = dates_of(found.before), dates_of(found.after)
    counted = {key: worse(was[key], now[key]) for key in was}
    said = Counter[tuple[str, str]]()
    for slip in found.lines:
        said[slip.order, slip.line] += slip.quantity if slip.is_worse else 0
    assert {key: said[key] for key in counted} == counted


@for_every_policy
@given(book=BOOKS, data=st.data())
@examples(15)
def test_committing_the_moves_gives_the_dates_after(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject
) -> None:
    given_moves = data.draw(moves(book, ALL))
    found = impact(book, given_moves, policy=policy)

    for moved in found.receipts:
        after = moved.after
        command = (
            CancelReceipt(receipt=moved.before.id)
            if after is None
            else ScheduleReceipt(receipt=after)
        )
        book = answer(book, command, policy=policy).outcome

    skus = {moved.before.sku for moved in found.receipts}
    committed = dates_of(plan(book, policy=policy, skus=skus))
    assert committed == dates_of(found.after)


@for_every_policy
@given(book=BOOKS, data=st.data())
@examples(10)
def test_an_impact_depends_on_no_order_of_what_is_given(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject
) -> None:
    given_moves = data.draw(moves(book, ALL))
    shuffled = list(given_moves)
    random.Random(data.draw(st.integers(0, 99))).shuffle(shuffled)

    one = impact(book, given_moves, policy=policy)
    other = impact(book, shuffled, policy=policy)
    of_book = impact(Book.of(book), given_moves, policy=policy)

    assert one == other
    assert (of_book.lines, of_book.receipts) == (one.lines, one.receipts)
    assert rescues(of_book) == rescues(one)


@for_every_policy
@given(book=BOOKS, data=st.data())
@examples(10)
def test_other_skus_are_untouched(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject
) -> None:
    given_moves = data.draw(moves(book, ALL))

    found = impact(book, given_moves, policy=policy)

    skus = {moved.before.sku for moved in found.receipts}
    assert {slip.sku for slip in found.lines} <= skus
    assert (found.before.skus, found.after.skus) == (frozenset(skus), frozenset(skus))


@for_every_policy
@given(book=BOOKS, data=st.data())
@examples(20)
def test_less_supply_makes_no_line_better(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject
) -> None:
    found = impact(book, data.draw(moves(book, LESS)), policy=policy)

    assert all(slip.is_worse for slip in found.lines)


@for_every_policy
@pytest.mark.parametrize("bound", [True, False])
@given(data=st.data())
@examples(20)
def test_later_supply_makes_no_line_better_if_all_are_free_or_all_bound(
    *, bound: bool, policy: AllocationPolicy, data: st.DataObject
) -> None:
    book = data.draw(snapshots(receipts=4, bound=bound))
    assume(book.receipts)

    found = impact(book, data.draw(moves(book, ("later", *LESS))), policy=policy)

    assert all(slip.is_worse for slip in found.lines)


@for_every_policy
@given(book=BOOKS, data=st.data())
@examples(20)
def test_rescues_keep_the_dates_that_they_say_and_cost_no_other(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject
) -> None:
    if book.items is not None:
        items = [attrs.evolve(item, lead_time_days=2) for item in book.items]
        book = attrs.evolve(book, items=items)
    found = impact(book, data.draw(moves(book, ALL)), policy=policy)
    taken = rescues(found)
    was, without = dates_of(found.before), found.after
    start = found.after.outcome

    for number, rescue in enumerate(taken, start=1):
        after = plan(with_rescues(start, taken[:number]), policy=policy, skus=without.skus)

        filled = _filled(without, after)
        now, before = dates_of(after), dates_of(without)
        key = rescue.order, rescue.line
        total = _filled(found.before, after)[key]
        so_far = _filled(found.before, without)[key]
        kept = worse(was[key], before[key], so_far) - worse(was[key], now[key], total)
        assert kept == rescue.saves > 0
        assert not any(worse(before[each], now[each], filled[each]) for each in now)
        without = after


def _filled(before: Plan, after: Plan) -> Counter[tuple[str, str]]:
    units = Counter[tuple[str, str]]()
    for made, sign in ((after, 1), (before, -1)):
        for line in made.lines:
            units[line.order, line.line] += sign * line.allocated
    return units


@for_every_policy
@given(book=BOOKS, data=st.data())
@examples(10)
def test_no_unit_is_offered_twice(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject
) -> None:
    found = impact(book, data.draw(moves(book, ("later", *LESS))), policy=policy)
    taken = rescues(found)
    there = found.after.outcome

    after = with_rescues(there, taken)

    assert sum(level.on_hand for level in after.stock) == sum(s.on_hand for s in there.stock)
    coming = sum(receipt.quantity for receipt in after.receipts)
    bought = sum(rescue.quantity for rescue in taken if rescue.kind == "purchase")
    assert coming - bought == sum(receipt.quantity for receipt in there.receipts)
    lent = sum(r.quantity for r in taken if r.kind == "safety-stock")
    assert sum(s.safety_stock for s in there.stock) - lent == sum(
        level.safety_stock for level in after.stock
    )


def test_the_independent_count_pairs_the_kth_unit_with_the_kth() -> None:
    monday, tuesday = date(2026, 1, 5), date(2026, 1, 6)

    assert worse(Counter({monday: 2, None: 1}), Counter({tuesday: 1, None: 2})) == 2
    assert worse(Counter({monday: 1, tuesday: 1}), Counter({tuesday: 1}), filled=1) == 0
