"""What limits how much lines get, beside what there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from backorderkit.planning.reasons import BlockerKind

Obstacle = tuple[BlockerKind, str]
"""What keeps units that lie there from a line, and its name."""


class Restriction(Protocol):
    """
    Something that limits what lines of one SKU get, as its supply events go by.

    A *slot* is the place of a line among the SKU's lines in FIFO order.  A line may
    get what all its restrictions have room for.
    """

    @property
    def kind(self) -> BlockerKind:
        """What it is called where it keeps units from a line."""
        ...

    def go_on(self, day: int) -> None:
        """Come to an event of a day; days never go back."""
        ...

    def room(self, slot: int, there: int) -> int:
        """
        Say how many units the line at a slot may get at most now.

        Args:
            slot: Of the line.
            there: How many units of the SKU nobody has yet.
        """
        ...

    def take(self, slot: int, units: int) -> None:
        """Note that a line got so many; negative if it gave them back."""
        ...

    def next_day(self) -> int | None:
        """Give the first later day on which some room grows, though nothing arrives."""
        ...

    def sets(self) -> Sequence[Sequence[int]]:
        """Give the slots of lines that share one room, set by set."""
        ...

    def name_of(self, slot: int) -> str:
        """Name what limits the line at a slot, such as the quota."""
        ...
