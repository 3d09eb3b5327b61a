"""Impacts and rescues where promises are kept: what was told and what is on hand count."""

from __future__ import annotations

from datetime import date

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backorderkit import Fifo, KeepPromises, Plan, Snapshot, StockLevel, apply, plan
from backorderkit.changes import Scheduled, Unscheduled
from backorderkit.model import read_time
from backorderkit.promising import impact, rescues, with_rescues
from tests.laws.books import Key
from tests.laws.policies import examples
from tests.laws.told import MUGS, for_every_mode, newcomers, told

from .moving import dates_of, moves
from .test_impacts import MAIN, MUG, TWO, line, move, orders, seen, shop

ALL = ("later", "smaller", "earlier", "grown", "gone")


@st.composite
def books(draw: st.DrawFn, policy: KeepPromises) -> Snapshot:
    """Promises were told; then orders came, and stock that nobody has yet."""
    book = draw(newcomers(told(draw(MUGS), policy)))
    assume(book.receipts)
    more = draw(st.integers(0, 3))
    stock = [attrs.evolve(level, on_hand=level.on_hand + more) for level in book.stock]
    return attrs.evolve(book, stock=stock)


def days_of(made: Plan) -> dict[Key, list[date]]:
    """When each unit comes, sorted: what is allocated on the day of the plan."""
    days = dates_of(made)
    for each in made.lines:
        days[each.order, each.line][made.as_of.date()] += each.allocated
    return {key: sorted(day or date.max for day in own.elements()) for key, own in days.items()}


def later(was: list[date], now: list[date]) -> int:
    return sum(new > old for old, new in zip(was, now, strict=True))


@for_every_mode
@given(data=st.data())
@examples(15)
def test_each_unit_that_comes_another_day_is_told(
    policy: KeepPromises, data: st.DataObject
) -> None:
    """
    Also one that is on hand as things are, but is needed for a promise as they would be.
    """
    book = data.draw(books(policy))

    found = impact(book, data.draw(moves(book, ALL)), policy=policy)

    was, now = days_of(found.before), days_of(found.after)
    moved = sorted(
        (*key, old, new)
        for key in was
        for old, new in zip(was[key], now[key], strict=True)
        if old != new
    )
    said = sorted(
        (slip.order, slip.line, *(when.date() if when else date.max for when in dates))
        for slip in found.lines
        for dates in [(slip.before, slip.after)] * slip.quantity
    )
    assert said == moved


@for_every_mode
@given(data=st.data())
@examples(10)
def test_rescues_keep_what_they_say_and_cost_no_other(
    policy: KeepPromises, data: st.DataObject
) -> None:
    book = data.draw(books(policy))
    found = impact(book, data.draw(moves(book, ALL)), policy=policy)
    taken = rescues(found)
    was, without = days_of(found.before), days_of(plan(found.untold, policy=policy))

    for number, rescue in enumerate(taken, start=1):
        after = days_of(plan(with_rescues(found.untold, taken[:number]), policy=policy))

        key = rescue.order, rescue.line
        assert later(was[key], without[key]) - later(was[key], after[key]) == rescue.saves > 0
        assert not any(later(without[each], after[each]) for each in after)
        without = after


@for_every_mode
@given(data=st.data())
@examples(5)
def test_moves_that_are_committed_at_once_give_the_dates_after(
    policy: KeepPromises, data: st.DataObject
) -> None:
    book = data.draw(books(policy))
    found = impact(book, data.draw(moves(book, ALL)), policy=policy)

    facts = [
        Unscheduled(receipt=moved.before.id)
        if moved.after is None
        else Scheduled(receipt=moved.after)
        for moved in found.receipts
    ]
    committed = plan(apply(book, facts), policy=policy, skus=found.after.skus)

    assert days_of(committed) == days_of(found.after)


def test_a_unit_on_hand_that_is_needed_for_a_promise_is_told_as_later() -> None:
    policy = KeepPromises(Fifo())
    newcomer, waiting = orders(line(1), line(1))
    told_before = plan(shop(orders=[waiting], receipts=TWO[:1]), policy=policy).outcome
    stock = [StockLevel(sku=MUG, location=MAIN, on_hand=1)]
    book = attrs.evolve(told_before, orders=[newcomer, waiting], stock=stock)

    found = impact(book, [move("PO-1", due="2026-01-20")], policy=policy)

    assert seen(found) == [("SO-1", 1, "later", 15), ("SO-2", 1, "earlier", -5)]
    assert [slip.before for slip in found.lines] == [book.as_of, TWO[0].due]
    assert [slip.after for slip in found.lines] == [read_time("2026-01-20"), book.as_of]


@pytest.mark.parametrize("pull_in", [True, False])
def test_a_date_that_is_held_can_be_saved_before_the_new_one_is_told(*, pull_in: bool) -> None:
    """
    Who was told of the 10th is served on it again; a newcomer of old does not go first.
    """
    policy = KeepPromises(Fifo(), pull_in=pull_in)
    newcomer, waiting = orders(line(3), line(5))
    told_before = plan(shop(orders=[waiting], receipts=TWO), policy=policy).outcome
    book = attrs.evolve(told_before, orders=[newcomer, waiting])
    found = impact(book, [move("PO-1", due="2026-01-25")], policy=policy)

    (rescue,) = rescues(found)

    assert (rescue.order, rescue.kind, rescue.saves) == ("SO-2", "expedite", 5)
    made = plan(with_rescues(found.untold, [rescue]), policy=policy)
    assert made.lines[1].promises[0].due == TWO[0].due
