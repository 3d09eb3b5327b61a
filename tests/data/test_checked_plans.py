"""Plans of real order books pass the independent checker."""

from __future__ import annotations

from pathlib import Path

import pytest

from backorderkit import AllocationPolicy, KeepPromises, plan
from backorderkit.checking import Findings, check_plan
from backorderkit.formats import dumps_plan, loads_plan, read_snapshot
from backorderkit.model import read_time
from tests.data.test_real_orders import SNAPSHOTS
from tests.laws.policies import for_every_policy


@for_every_policy
@pytest.mark.parametrize(("name", "as_of"), SNAPSHOTS)
def test_every_plan_of_a_real_book_holds(
    data_folder: Path, name: str, as_of: str, policy: AllocationPolicy
) -> None:
    snapshot = read_snapshot(data_folder / name, as_of=read_time(as_of))
    made = plan(snapshot, policy=policy)

    found = check_plan(snapshot, loads_plan(dumps_plan(made), snapshot=snapshot))
    again = plan(made.outcome, policy=KeepPromises(policy))
    kept = check_plan(made.outcome, loads_plan(dumps_plan(again), snapshot=made.outcome))

    assert (len(made.lines) > 0, found, kept) == (True, Findings(), Findings())
