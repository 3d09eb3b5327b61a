from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from backorderkit.model.orders import Order, OrderLine
from backorderkit.policies.contracts import Contract
from backorderkit.policies.protocol import AllocationPolicy
from backorderkit.policies.reserving import Reserve
from backorderkit.policies.shipping import ShipRule


@attrs.frozen(kw_only=True)
class Segment:
    name: str
    include: object = None
    exclude: object = ()
    contract: Contract | None = None
    policy: AllocationPolicy | None = None
    place: int = 0
    ship: ShipRule | None = None
    reserve: Reserve | None = None


def sort_into(
    segments: Sequence[Segment],
    orders: Sequence[Order],
    lines: Sequence[OrderLine],
    as_of: datetime,
) -> list[int]:
    out = []
    for o, l in zip(orders, lines):
        for i, s in enumerate(segments):
            if s.include is None or s.include(o, l):
                out.append(i)
                break
        else:
            out.append(-1)
    return out


def check_segments(problems, segments):
    pass
