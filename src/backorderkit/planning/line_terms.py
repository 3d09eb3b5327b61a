"""Who is served when, and what rules say of each line."""

from __future__ import annotations

from typing import Final

import attrs

from backorderkit.policies.protocol import AllocationPolicy
from backorderkit.policies.shipping import ANY_PART, ShipRule

NEVER: Final = 1 << 40
"""A day that does not come."""


@attrs.frozen(kw_only=True)
class Served:
    """
    Lines that one policy serves, at one place of the line of service.

    Attributes:
        policy: Who shares among them.
        slots: Theirs: in the order of service, if there is one; else in FIFO order.
        in_order: Whether there is one.
    """

    policy: AllocationPolicy
    slots: list[int]
    in_order: bool


@attrs.frozen(kw_only=True)
class LineTerms:
    """
    What the rules say of one line.

    Attributes:
        rule: Which parts of it may go.
        opens: The first day on which it may take.
        caps: The most that it may have been given by the end of a day, by day, ascending;
            None if nothing limits it.
        may_early: Whether it may have what it is owed before that is due.
    """

    rule: ShipRule = ANY_PART
    opens: int = 0
    caps: tuple[tuple[int, int], ...] | None = None
    may_early: bool = True

    def cap_on(self, day: int) -> int | None:
        """Give the most that it may have been given by the end of a day."""
        if self.caps is None:
            return None
        most = 0
        for since, cap in self.caps:
            if since > day:
                break
            most = cap
        return most
