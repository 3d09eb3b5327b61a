from __future__ import annotations

import pytest

from backorderkit import (
    InLocationOrder,
    InvalidValueError,
    Placing,
    PolicyViolationError,
)
from backorderkit.testing import check_placing
from tests.effort import EFFORT
from tests.planning.placings import for_every_placing

from . import placing_doubles as doubles

DOUBLES = [
    pytest.param(doubles.ForgetsTheLast(), "L1", 1, id="forgets the last"),
    pytest.param(doubles.NamesEmptyPlaces(), "L1", 2, id="names empty places"),
    pytest.param(doubles.PlacesInFractions(), "L1", 1, id="places in fractions"),
    pytest.param(doubles.LeavesOneOut(), "L2", 1, id="leaves one out"),
    pytest.param(doubles.OverlooksSites(), "L3", 2, id="overlooks sites"),
    pytest.param(doubles.TakesTwice(), "L4", 2, id="takes twice"),
    pytest.param(doubles.TakesTurns(), "L5", 2, id="takes turns"),
    pytest.param(doubles.ThrowsDice(), "L5", 2, id="throws dice"),
    pytest.param(doubles.AsListed(), "L5", 2, id="as listed"),
    pytest.param(doubles.SplitsAllTheSame(), "L6", 1, id="splits all the same"),
    pytest.param(doubles.GivesNothingRather(), "L6", 2, id="gives nothing rather"),
    pytest.param(doubles.LeavesOneThere(), "L6", 2, id="leaves one there"),
]


@for_every_placing
def test_built_in_placings_keep_their_contract(placing: Placing) -> None:
    check_placing(placing, max_examples=50 * EFFORT)


@pytest.mark.parametrize(("placing", "clause", "lines"), DOUBLES)
def test_each_broken_placing_is_caught_by_its_own_clause_in_a_small_case(
    placing: Placing, clause: str, lines: int
) -> None:
    with pytest.raises(PolicyViolationError) as caught:
        check_placing(placing)

    assert caught.value.clause == clause
    assert caught.value.policy == type(placing).__name__
    _, _, table = caught.value.detail.partition("\n\n")
    assert table.startswith("supply: ")
    assert len(table.splitlines()) <= lines + 2


def test_what_a_placing_raises_comes_out_with_the_case_as_a_note() -> None:
    with pytest.raises(LookupError) as caught:
        check_placing(doubles.Breaks())

    question, case = caught.value.__notes__
    assert question == (
        "placing 'Breaks' was asked to place 1 units of SKU SKU for 1 lines from 1 locations with 1"
    )
    assert case.startswith("supply: WEST 1\norder  line")


@pytest.mark.parametrize("wrong", [None, InLocationOrder, object(), "fifo"])
def test_what_is_no_placing_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidValueError, match="must be a placing"):
        check_placing(wrong)  # type: ignore[arg-type]


def test_a_number_below_one_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="max_examples"):
        check_placing(InLocationOrder(), max_examples=0)
