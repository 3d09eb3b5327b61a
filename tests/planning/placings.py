"""Every built-in placing, for tests of plans."""

from __future__ import annotations

from typing import Final

import pytest

from backorderkit import (
    FewestShipments,
    FullestFirst,
    InLocationOrder,
    NearestByCost,
    Order,
    OrderLine,
    Placing,
)
from backorderkit.model import Location
from backorderkit.policies import SPLITS, Split


def cost(order: Order, line: OrderLine, location: Location) -> int:
    """Cost something else for each line, with ties."""
    return (ord(order.id[-1]) + 5 * len(line.id) + 3 * ord(location[0])) % 3


def _all(split: Split) -> dict[str, Placing]:
    return {
        f"by name, {split}": InLocationOrder(split=split),
        f"by list, {split}": InLocationOrder(["WEST", "MAIN"], split=split),
        f"fewest, {split}": FewestShipments(split=split),
        f"nearest, {split}": NearestByCost(cost, split=split),
        f"fullest, {split}": FullestFirst(split=split),
    }


PLACINGS: Final = {name: each for split in SPLITS for name, each in _all(split).items()}
SPLITTING: Final = {name: each for name, each in PLACINGS.items() if "never" not in name}
UNSPLIT: Final = {name: each for name, each in PLACINGS.items() if "never" in name}

for_every_placing = pytest.mark.parametrize("placing", PLACINGS.values(), ids=PLACINGS.keys())
for_every_splitting = pytest.mark.parametrize("placing", SPLITTING.values(), ids=SPLITTING.keys())
for_every_unsplit = pytest.mark.parametrize("placing", UNSPLIT.values(), ids=UNSPLIT.keys())
