"""Whatever is asked for, each thing moves along its table only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backorderkit import LIFE_CYCLES, Command, Fifo, InvalidInputError, Snapshot, answer, plan
from backorderkit.testing import snapshots
from tests.laws.test_commands import COMMANDS
from tests.lives import moves_of


@given(snapshots(), st.lists(COMMANDS, max_size=8))
def test_each_change_moves_each_thing_along_its_table(
    snapshot: Snapshot, commands: list[Command]
) -> None:
    before = plan(snapshot, policy=Fifo()).outcome
    for command in commands:
        try:
            found = answer(before, command, policy=Fifo())
        except InvalidInputError:
            continue
        for move in moves_of(before, found.changes):
            cycle = LIFE_CYCLES[move.thing]
            if move.status is None or move.step is None:
                assert move.after == cycle.start
            else:
                assert move.after in cycle.moves[move.status, move.step], move
        before = found.outcome
