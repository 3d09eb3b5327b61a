"""From which location each line's units come, once it is decided how many it gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backorderkit.model.ids import Location
from backorderkit.policies.queue import Queue

Places = tuple[tuple[Location, int], ...]
"""Quantities by location, in the order of their names."""


def place_in_order(
    demands: Queue, shares: Sequence[int], supply: Mapping[Location, int]
) -> list[Places]:
    """
    Take bound lines' units from their location, and the rest in name order.

    How many units a line gets is the policy's decision and fixed here.  Bound
    lines go first, since they have no choice; free lines follow, oldest first.

    Args:
        demands: Who was served, in FIFO order.
        shares: How much each of them gets; together they fit the supply, and
            the bound lines of a location fit what it has.
        supply: What each location has, sorted by name.

    Returns:
        The places of each demand.
    """
    left = dict(supply)
    places: list[Places] = [()] * len(shares)
    for index, line in enumerate(demands.lines):
        if line.location is not None and shares[index]:
            left[line.location] -= shares[index]
            places[index] = ((line.location, shares[index]),)
    # Locations are used up one after another, so this walks them once in all.
    open_locations = [location for location, quantity in left.items() if quantity]
    current = 0
    for index, line in enumerate(demands.lines):
        wanted = shares[index] if line.location is None else 0
        taken: list[tuple[Location, int]] = []
        while wanted:
            location = open_locations[current]
            quantity = min(wanted, left[location])
            taken.append((location, quantity))
            left[location] -= quantity
            wanted -= quantity
            if not left[location]:
                current += 1
        if taken:
            places[index] = tuple(taken)
    return places
