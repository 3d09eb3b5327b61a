"""Life cycles as tables: what may happen to an order line, a backorder, a hold, a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import attrs

from backorderkit.errors import IllegalTransitionError
from backorderkit.model.orders import OrderLine

LineStatus = Literal["waiting", "partly-allocated", "allocated", "shipped", "cancelled"]
"""How an order line stands."""

HoldStatus = Literal["active", "lapsed"]
"""How a hold stands; one that has ended is not there any more."""

BackorderStatus = Literal["open", "promised"]
"""How a backorder stands; one that is filled or cancelled is not there any more."""

STAYS: Final[tuple[str, ...]] = ()
"""In a table: there is nothing to do; whoever asks for it by a number of units asks too much."""


@attrs.frozen(kw_only=True)
class LifeCycle:
    """
    What may happen to one kind of thing.

    Attributes:
        thing: Which kind: ``"line"``.
        statuses: All statuses, with what each means.
        steps: All steps, each with its past participle: ``"ship"``, ``"shipped"``.
        start: The status in which such a thing begins.
        moves: The statuses that a step may lead to.  None at all means that the step
            changes nothing: asked for all there is, it does nothing, and units are
            refused.  A pair that is missing is illegal.

    >>> LIFE_CYCLES["line"].moves["allocated", "ship"]
    ('allocated', 'shipped')
    """

    thing: str
    statuses: Mapping[str, str]
    steps: Mapping[str, str]
    start: str
    moves: Mapping[tuple[str, str], tuple[str, ...]]

    def refusal(
        self, status: str, step: str, *, field: str, value: object, context: str = ""
    ) -> IllegalTransitionError:
        """Say that a thing cannot make a step."""
        return IllegalTransitionError(
            field=field,
            value=value,
            reason=f"cannot be {self.steps[step]}: the {self.thing} is {in_words(status)}",
            context=context,
            status=status,
            step=step,
        )


LINE: Final = LifeCycle(
    thing="line",
    statuses={
        "waiting": "something is outstanding, and nothing is allocated",
        "partly-allocated": "some of what is outstanding is allocated",
        "allocated": "all that is outstanding is allocated",
        "shipped": "nothing is outstanding, and some of it or all has shipped",
        "cancelled": "nothing is outstanding, and nothing has shipped",
    },
    steps={
        "allocate": "allocated",
        "release": "released",
        "ship": "shipped",
        "cancel": "cancelled",
    },
    start="waiting",
    moves={
        ("waiting", "allocate"): ("partly-allocated", "allocated"),
        ("waiting", "release"): STAYS,
        ("waiting", "ship"): STAYS,
        ("waiting", "cancel"): ("waiting", "shipped", "cancelled"),
        ("partly-allocated", "allocate"): ("partly-allocated", "allocated"),
        ("partly-allocated", "release"): ("waiting", "partly-allocated"),
        ("partly-allocated", "ship"): ("waiting", "partly-allocated"),
        ("partly-allocated", "cancel"): (
            *("partly-allocated", "allocated"),
            *("shipped", "cancelled"),
        ),
        ("allocated", "release"): ("waiting", "partly-allocated"),
        ("allocated", "ship"): ("allocated", "shipped"),
        ("allocated", "cancel"): ("allocated", "shipped", "cancelled"),
        ("shipped", "release"): STAYS,
        ("shipped", "ship"): STAYS,
        ("shipped", "cancel"): STAYS,
        ("cancelled", "release"): STAYS,
        ("cancelled", "ship"): STAYS,
        ("cancelled", "cancel"): STAYS,
    },
)
"""An order line; its status follows from its quantities."""

BACKORDER: Final = LifeCycle(
    thing="backorder",
    statuses={
        "open": "units wait, and not all of them are promised",
        "promised": "all units that wait are promised",
        "filled": "the last of its units were allocated",
        "cancelled": "the last of its units are not wanted any more",
    },
    steps={
        "promise": "promised",
        "grow": "grown",
        "fill": "filled",
        "cancel": "cancelled",
    },
    start="open",
    moves={
        ("open", "promise"): ("open", "promised"),
        ("open", "grow"): ("open",),
        ("open", "fill"): ("open", "promised", "filled"),
        ("open", "cancel"): ("open", "promised", "cancelled"),
        ("promised", "promise"): ("open", "promised"),
        ("promised", "grow"): ("open",),
        ("promised", "fill"): ("promised", "filled"),
        ("promised", "cancel"): ("promised", "cancelled"),
    },
)
"""A backorder; of one that has ended a snapshot remembers nothing."""

HOLD: Final = LifeCycle(
    thing="hold",
    statuses={
        "active": "its units are kept for somebody until it expires",
        "lapsed": "its time is over and it counts nothing, but nobody has ended it yet",
        "not-there": "it was ordered, released or lost, it expired, or never was",
    },
    steps={
        "hold": "held",
        "extend": "extended",
        "order": "ordered",
        "release": "released",
        "lose": "lost",
        "expire": "expired",
    },
    start="active",
    moves={
        # What a cart holds now may leave out what it held before.
        ("active", "hold"): ("active", "not-there"),
        ("active", "extend"): ("active",),
        ("active", "order"): ("not-there",),
        ("active", "release"): ("not-there",),
        ("active", "lose"): ("active", "not-there"),
        ("active", "expire"): STAYS,
        ("lapsed", "hold"): ("active", "not-there"),
        ("lapsed", "extend"): ("active",),
        ("lapsed", "order"): ("not-there",),
        ("lapsed", "release"): ("not-there",),
        ("lapsed", "lose"): STAYS,
        ("lapsed", "expire"): ("not-there",),
        ("not-there", "hold"): ("active",),
        ("not-there", "order"): STAYS,
        ("not-there", "release"): STAYS,
        ("not-there", "lose"): STAYS,
        ("not-there", "expire"): STAYS,
    },
)
"""A hold of one pool; time alone makes an active one lapse."""

RECEIPT: Final = LifeCycle(
    thing="receipt",
    statuses={
        "expected": "all of it, or the rest of it, is to come",
        "not-expected": "it has come, was closed short or cancelled, or never was",
    },
    steps={"schedule": "scheduled", "receive": "received", "cancel": "cancelled"},
    start="expected",
    moves={
        ("expected", "schedule"): ("expected",),
        ("expected", "receive"): ("expected", "not-expected"),
        ("expected", "cancel"): ("not-expected",),
        ("not-expected", "schedule"): ("expected",),
    },
)
"""A scheduled receipt; of one that is not expected a snapshot remembers nothing."""

LIFE_CYCLES: Final[Mapping[str, LifeCycle]] = MappingProxyType(
    {cycle.thing: cycle for cycle in (LINE, BACKORDER, HOLD, RECEIPT)}
)
"""The life cycles by the kind of thing; pages, refusals and tests go by them."""


def in_words(status: str) -> str:
    """Write a status as people do."""
    return status.replace("-", " ")


def line_status(line: OrderLine, allocated: int) -> LineStatus:
    """
    Say how a line stands.

    Args:
        line: The line.
        allocated: What is allocated to it, in smallest units.
    """
    outstanding = line.outstanding
    if not outstanding:
        return "shipped" if line.shipped else "cancelled"
    if not allocated:
        return "waiting"
    return "partly-allocated" if allocated < outstanding else "allocated"
