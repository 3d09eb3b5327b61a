"""The laws of plans, for rules of all kinds over generated books."""

from __future__ import annotations

import random
from datetime import timedelta

import attrs
from hypothesis import assume, given
from hypothesis import strategies as st

from backorderkit import Contract, Fifo, Frozen, Plan, Rules, Segment, Snapshot, apply, plan
from backorderkit.planning import Book
from backorderkit.policies import Condition
from backorderkit.testing import snapshots

from .books import at, lines_of
from .policies import examples
from .rules import rules
from .test_order_of_input import shuffled_book


@given(book=snapshots(), by=rules(), seed=st.integers(0, 999))
@examples(60)
def test_reordering_the_input_changes_no_byte(book: Snapshot, by: Rules, seed: int) -> None:
    made, again = plan(book, policy=by), plan(shuffled_book(book, random.Random(seed)), policy=by)

    assert repr(again.changes) == repr(made.changes)
    assert repr(again.lines) == repr(made.lines)
    assert repr(again.broken) == repr(made.broken)


@given(book=snapshots(), by=rules())
@examples(60)
def test_what_changes_leads_to_a_snapshot_that_holds(book: Snapshot, by: Rules) -> None:
    made = plan(book, policy=by)

    outcome = apply(book, made.changes)

    assert outcome == made.outcome == attrs.evolve(made.outcome)
    for line in made.lines:
        assert line.outstanding == line.allocated + line.backordered
        assert line.backordered == sum(each.quantity for each in line.blockers)


def settled(by: Rules) -> Rules:
    """Without what has no fixpoint: dates that freeze a line, and move when it is planned."""
    return attrs.evolve(by, frozen=Frozen(lines=by.frozen.lines, orders=by.frozen.orders))


@given(book=snapshots(), by=rules())
@examples(100)
def test_planning_the_outcome_again_changes_nothing(book: Snapshot, by: Rules) -> None:
    by = settled(by)

    assert plan(plan(book, policy=by).outcome, policy=by).changes == ()


@given(book=snapshots(), by=rules())
@examples(60)
def test_some_skus_are_planned_as_in_a_plan_of_everything(book: Snapshot, by: Rules) -> None:
    """With those that orders tie to them, where lines ship together."""
    whole = plan(book, policy=by)

    for sku in {line.sku for line in whole.lines}:
        part = plan(book, policy=by, skus=[sku])
        assert part.skus is not None
        assert sku in part.skus
        assert part.lines == tuple(line for line in whole.lines if line.sku in part.skus)
        if by.together is None:
            assert part.skus == {sku}


@given(book=snapshots(), by=rules())
@examples(40)
def test_a_prepared_book_is_planned_as_its_snapshot(book: Snapshot, by: Rules) -> None:
    made, of_book = plan(book, policy=by), plan(Book.of(book), policy=by)

    assert of_book.changes == made.changes
    assert of_book.lines == made.lines
    assert of_book.broken == made.broken


def given_by(made: Plan) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """What lines hold, and what they are promised by when."""
    return {
        (line.order, line.line): [
            (0, line.allocated),
            *((each.due.toordinal(), each.quantity) for each in line.promises),
        ]
        for line in made.lines
    }


@given(book=snapshots(), by=rules(), stays=st.sampled_from((1, 5, 14)))
@examples(40)
def test_hours_of_the_same_day_change_nothing(book: Snapshot, by: Rules, stays: int) -> None:
    by = settled(by)
    now = plan(book, policy=by).outcome
    assume((now.as_of + timedelta(hours=stays)).date() == now.as_of.date())
    later = at(now, now.as_of + timedelta(hours=stays))
    assume(not later.holds)

    assert all(
        kept == given_by(plan(later, policy=by))[key]
        for key, kept in given_by(plan(now, policy=by)).items()
    )


@given(book=snapshots(memory=4, allocations=4))
@examples(60)
def test_a_segment_that_keeps_all_has_what_it_had(book: Snapshot) -> None:
    """Where supply is as it was told, nobody has less by any day."""
    everybody = Segment("all", include=[Condition(attribute="ordered", least=1)])
    first = plan(book, policy=Rules(Fifo(), segments=[everybody])).outcome
    kept = attrs.evolve(everybody, contract=Contract(floor="keep-or-raise"))

    made = plan(first, policy=Rules(Fifo(), segments=[kept]))

    assert made.broken == ()
    assert made.changes == ()
    assert len(lines_of(first)) >= len(made.lines)
