"""What a plan says about why: blockers, who was served, a sentence."""

from __future__ import annotations

from typing import Literal

import attrs

from backorderkit.model.ids import LineId, Location, OrderId, ReceiptId

BlockerKind = Literal[
    "buffer",
    "contract",
    "hold",
    "horizon",
    "location",
    "policy",
    "protection",
    "quota",
    "safety-stock",
    "ship-rule",
    "stock",
]
"""What keeps units from a line; see `Blocker`."""


@attrs.frozen(kw_only=True)
class Blocker:
    """
    One thing that stands between a waiting line and its units on hand.

    The blockers of a line add up to what it has on backorder.

    Attributes:
        kind: ``"location"``: units lie idle elsewhere, but the line is bound to
            a location; or they are or were elsewhere, and the line is not split.
            ``"policy"``: the policy held units back.
            ``"hold"``: units are held for somebody who has not ordered yet.
            ``"safety-stock"``: units are withheld as safety stock, or refill
            it when they arrive.  ``"ship-rule"``: units are there or come, but the
            line's rule lets no such part go, or the queue waits behind another line
            whose rule does not.  ``"buffer"``: a percentage of the stock is withheld.
            ``"quota"``: the line's group has had what it may get.
            ``"protection"``: units are protected for another group.  ``"horizon"``: the
            line may not take yet.  ``"contract"``: its contract gives it no more.
            ``"stock"``: there is not enough.
        quantity: How many of the line's waiting units it keeps back.
    """

    kind: BlockerKind
    quantity: int


@attrs.frozen(kw_only=True)
class Served:
    """
    Units that a line could have used and another line gets.

    Attributes:
        order: Whose order.
        line: Which line of it.
        quantity: How many, in smallest units.
        location: Where they are or arrive.
        receipt: The receipt they come from, or None if they are on hand.
    """

    order: OrderId
    line: LineId
    quantity: int
    location: Location
    receipt: ReceiptId | None = None


@attrs.frozen(kw_only=True)
class Explanation:
    """
    Why a line gets what it gets.

    Attributes:
        order: Whose order.
        line: Which line of it.
        sentence: All of it for a person.
        blockers: What keeps its units back.
        served: All others that hold or get units on hand that it could have
            used, oldest first.
        promised: All others that are promised coming units that it could have
            used, oldest first.
    """

    order: OrderId
    line: LineId
    sentence: str
    blockers: tuple[Blocker, ...]
    served: tuple[Served, ...]
    promised: tuple[Served, ...]
