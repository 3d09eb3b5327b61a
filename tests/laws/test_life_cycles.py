"""Whatever is asked for, each thing moves along its table only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backorderkit import LIFE_CYCLES, Fifo, InvalidInputError, Snapshot, answer, plan
from backorderkit.testing import commands_for, snapshots
from tests.lives import moves_of


@given(snapshots(), st.integers(1, 8), st.data())
def test_each_change_moves_each_thing_along_its_table(
    snapshot: Snapshot, steps: int, data: st.DataObject
) -> None:
    before = plan(snapshot, policy=Fifo()).outcome
    for _ in range(steps):
        try:
            found = answer(before, data.draw(commands_for(before)), policy=Fifo())
        except InvalidInputError:
            continue
        for move in moves_of(before, found):
            cycle = LIFE_CYCLES[move.thing]
            if move.status is None or move.step is None:
                assert move.after == cycle.start
            else:
                assert move.after in cycle.moves[move.status, move.step], move
        before = found.outcome
