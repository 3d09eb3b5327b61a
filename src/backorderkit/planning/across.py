"""Shares what arrives at several locations at once."""

from __future__ import annotations

from collections.abc import Sequence

from backorderkit.model.ids import Location
from backorderkit.policies.protocol import AllocationPolicy
from backorderkit.policies.queue import Queue
from backorderkit.policies.verify import verified_shares


def share_across(
    policy: AllocationPolicy,
    demands: Queue,
    supply: dict[Location, int],
    *,
    sites: Sequence[Location | None] | None = None,
    total: int | None = None,
) -> Sequence[int]:
    """
    Share what arrives at several locations at once among bound and free lines.

    First each location alone among the lines bound to it; then everything among
    all, where a bound line may get at most what the first call gave it.  If all
    lines are free, or all bound, one of the two steps says it all.

    Args:
        policy: Who shares.
        demands: The lines.
        supply: What there is at each location.
        sites: The only location of each line, if not its own.
        total: What there is in all, if free lines were given a part of it already.
    """
    everything = sum(supply.values()) if total is None else total
    at = dict[Location, list[int]]()
    free = 0
    bound = [line.location for line in demands.lines] if sites is None else sites
    for place, site in enumerate(bound):
        if site is None:
            free += 1
        else:
            at.setdefault(site, []).append(place)
    if not at:
        return verified_shares(policy, everything, demands)
    caps = list(demands.limits)
    for location in sorted(at):
        places = at[location]
        there = min(supply.get(location, 0), everything)
        none = [0] * len(places)
        shares = verified_shares(policy, there, demands.take(places)) if there else none
        for place, share in zip(places, shares, strict=True):
            caps[place] = share
    if not free and sum(caps) <= everything:
        return caps
    served = [place for place, cap in enumerate(caps) if cap]
    capped = demands.capped([caps[place] for place in served], served)
    answer = [0] * len(caps)
    shares = verified_shares(policy, everything, capped)
    for place, share in zip(served, shares, strict=True):
        answer[place] = share
    return answer
