"""Draws the demands of a question; few choices each, so that it is fast and shrinks well."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby, product
from typing import Final

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from backorderkit.model import LineId, Order, OrderId, OrderLine, Sku
from backorderkit.policies import Demand

# One choice decides all that is not a quantity.  The plainest comes first, and
# what varies last is what most policies look at, so small cases stay plain.
_ORDERS: Final = tuple(
    Order(
        id=OrderId("?"),
        customer=customer,
        channel=channel,
        sequence=sequence,
        placed_at=datetime(2026, 1, day, tzinfo=UTC),
        priority=priority,
        lines=(),
    )
    for (customer, channel), sequence, day, priority in product(
        (("", ""), ("C-1", ""), ("C-2", "web")), (0, 1), (1, 2), (5, 1, 9)
    )
)
_LINES: Final = tuple(
    OrderLine(
        id=LineId("?"),
        sku=Sku("SKU"),
        ordered=3,
        cancelled=cancelled,
        requested=requested,
        placed_at=placed_at,
    )
    for cancelled, placed_at, requested in product(
        (0, 2),
        (None, datetime(2026, 1, 2, tzinfo=UTC)),
        (None, datetime(2026, 1, 9, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC)),
    )
)
_NAMES: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@attrs.frozen
class _Draft:
    """A demand before it is known which order it belongs to."""

    order: Order
    line: OrderLine
    claim: int
    got: int
    cap: int
    joins: bool


def demand_lists(
    fewest: int, most: int, max_claim: int, *, memory: bool, caps: bool
) -> SearchStrategy[list[Demand]]:
    """Draw demands with distinct FIFO keys, in an arbitrary order of these."""
    # Zero is as common as all the others together: most lines have no past.
    small = st.sampled_from((0, 0, 0, 1, 2, 4))
    drafts = st.builds(
        _Draft,
        st.sampled_from(_ORDERS),
        st.sampled_from(_LINES),
        st.integers(1, max_claim),
        small if memory else st.just(0),
        small if caps else st.just(0),
        st.sampled_from((False, False, False, True)),
    )
    return st.lists(drafts, min_size=fewest, max_size=most).map(_assemble)


def _assemble(drafts: Iterable[_Draft]) -> list[Demand]:
    """Give orders their ids; a draft that joins becomes a further line of the last order."""
    demands: list[Demand] = []
    opened = 0

    def number(draft: _Draft) -> int:
        nonlocal opened
        opened += not (draft.joins and opened)
        return opened

    for order_number, group in groupby(drafts, key=number):
        own = list(group)
        lines = [
            attrs.evolve(
                draft.line, id=LineId(str(place)), ordered=draft.claim + draft.line.cancelled
            )
            for place, draft in enumerate(own, start=1)
        ]
        order = attrs.evolve(own[0].order, id=_order_id(order_number), lines=lines)
        demands += [_demand(order, line, draft) for line, draft in zip(lines, own, strict=True)]
    return demands


def _demand(order: Order, line: OrderLine, draft: _Draft) -> Demand:
    got = min(draft.got, draft.claim - 1)
    return Demand(order=order, line=line, got=got, limit=max(1, draft.claim - got - draft.cap))


def _order_id(number: int) -> OrderId:
    wraps, letter = divmod(number - 1, len(_NAMES))
    return OrderId(_NAMES[letter] * (wraps + 1))


@st.composite
def supplies(
    draw: DrawFn, lists: SearchStrategy[list[Demand]], *, least: int = 0, spare: int
) -> tuple[int, list[Demand]]:
    """Draw demands, and a supply of at most *spare* more than their limits."""
    demands = draw(lists)
    most = sum(demand.limit for demand in demands) + spare
    return draw(st.integers(least, max(least, most))), demands
