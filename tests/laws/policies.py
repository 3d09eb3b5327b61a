"""Every policy and rule that the laws are checked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest
from hypothesis import settings

from backorderkit import (
    AllocationPolicy,
    ByAge,
    ByLineValue,
    ByList,
    ByRequested,
    Chain,
    Demand,
    FairShare,
    Fifo,
    Priority,
    Ranked,
)
from tests.effort import EFFORT


def by_request(demand: Demand) -> tuple[bool, int]:
    """Rank by the requested date; who names none comes last."""
    requested = demand.line.requested
    return requested is None, 0 if requested is None else int(requested.timestamp())


def weight(demand: Demand) -> int:
    """Weigh the urgent orders more."""
    return 10 - demand.priority


POLICIES: Final[dict[str, AllocationPolicy]] = {
    "fifo": Fifo(),
    "priority": Priority(),
    "proportional": FairShare(rule="proportional"),
    "equal": FairShare(rule="equal"),
    "equal-losses": FairShare(rule="equal-losses"),
    "weighted": FairShare(rule="equal", weights=weight),
    "priority-proportional": Priority(within=FairShare(rule="proportional")),
    "priority-equal": Priority(within=FairShare(rule="equal")),
    "priority-equal-losses": Priority(within=FairShare(rule="equal-losses")),
    "ranked": Ranked(key=by_request),
    "ageing": Ranked(key=ByAge(step=timedelta(days=1)), name="ageing"),
    "dearest-line": Ranked(key=ByLineValue(currencies=["EUR"])),
    "chain-equal": Ranked(
        key=Chain(keys=[ByList(of="channel", values=["web"]), ByRequested(first="latest")]),
        within=FairShare(rule="equal"),
    ),
}

for_every_policy = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
"""Run a law for each of them."""


def examples(number: int) -> settings:
    """Look at so many examples for each policy, or more if asked to look harder."""
    return settings(max_examples=number * EFFORT)
