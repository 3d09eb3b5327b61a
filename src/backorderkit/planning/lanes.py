"""The lines of one SKU, oldest first, in blocks: to change one costs what its block costs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from backorderkit.model.backorders import Allocation, Backorder
from backorderkit.model.ids import Location
from backorderkit.model.orders import Order, OrderLine
from backorderkit.policies.protocol import FifoKey, fifo_key

_LARGEST: Final = 512


@attrs.frozen
class LineState:
    """
    An order line with what is known of it.

    Attributes:
        order: Its order.
        line: The line.
        allocations: What is assigned to it, by location.
        backorder: What was opened and told, if something was.
    """

    order: Order
    line: OrderLine
    allocations: tuple[Allocation, ...] = ()
    backorder: Backorder | None = None

    @property
    def key(self) -> FifoKey:
        """As `Demand.fifo_key`."""
        return fifo_key(self.order, self.line)

    @property
    def want(self) -> int:
        """What it is owed beyond what is allocated to it."""
        line = self.line
        want = line.ordered - line.cancelled - line.shipped
        for allocation in self.allocations:
            want -= allocation.quantity
        return want

    def has_news(self, want: int) -> bool:
        """Tell whether a plan that gives it nothing of its want has something to say of it."""
        known = self.backorder
        return want > 0 if known is None else known.quantity != want or known.promises != ()


@attrs.define
class Standing:
    """
    What a line has while changes are applied one after another.

    Attributes:
        line: The line; None if it is gone, and only memory of it is left.
        waiting: What it is owed beyond what is allocated to it.
        allocations: What is assigned to it, sorted by location.
        backorder: What is opened and told, if something is.
    """

    line: OrderLine | None
    waiting: int
    allocations: tuple[Allocation, ...]
    backorder: Backorder | None


@attrs.frozen
class Block:
    """
    Neighbours in a lane.

    Attributes:
        states: The lines, oldest first.
        wanted: The sum of their wants.
        unsettled: How many of them are news to a plan that gives them nothing.
    """

    states: tuple[LineState, ...] = ()
    wanted: int = 0
    unsettled: int = 0

    @classmethod
    def of(cls, states: Sequence[LineState]) -> Block:
        """Make a block of lines that are sorted."""
        wanted = unsettled = 0
        for state in states:
            want = state.want
            wanted += want
            unsettled += state.has_news(want)
        return cls(tuple(states), wanted, unsettled)


@attrs.frozen
class Lane:
    """
    All lines of one SKU.

    Attributes:
        blocks: The lines, oldest first, none of the blocks empty.
        wanted: The sum of all wants.
        bound: How many of those with something outstanding are bound to a location.
        held: The sums of what is allocated by location, sorted by it.
    """

    blocks: tuple[Block, ...] = ()
    wanted: int = 0
    bound: int = 0
    held: tuple[tuple[Location, int], ...] = ()

    @classmethod
    def of(cls, states: list[LineState]) -> Lane:
        """Make a lane of lines in any order, which it sorts."""
        if len(states) > 1:
            states.sort(key=_key)
        blocks = tuple(_blocks_of(states))
        return cls(
            blocks,
            sum(block.wanted for block in blocks),
            sum(map(_is_bound, states)),
            _held((), states, ()),
        )

    def __iter__(self) -> Iterator[LineState]:
        """Give the lines, oldest first."""
        for block in self.blocks:
            yield from block.states

    def held_at(self, location: Location) -> int:
        """Give what is allocated at a location."""
        return next((held for place, held in self.held if place == location), 0)

    def find(self, key: FifoKey) -> LineState | None:
        """Give the line of a key.  O(log lines)."""
        if not self.blocks:
            return None
        states = self.blocks[self._block_at(key)].states
        place = bisect_left(states, key, key=_key)
        return states[place] if place < len(states) and states[place].key == key else None

    def changed(self, gone: Iterable[LineState], come: Iterable[LineState]) -> Lane:
        """Give the lane without some lines and with others.  O(log lines + a block) for each."""
        gone, come = list(gone), list(come)
        edits = dict[int, _Edit]()
        for states, sign in ((gone, -1), (come, 1)):
            for state in states:
                index = self._block_at(state.key)
                edit = edits.get(index)
                if edit is None:
                    block = self.blocks[index] if self.blocks else Block()
                    edit = edits[index] = _Edit(block)
                edit.count(state, sign)
        blocks = list(self.blocks)
        for index in sorted(edits, reverse=True):
            blocks[index : index + 1] = edits[index].blocks()
        return Lane(
            tuple(blocks),
            self.wanted + sum(edit.wanted for edit in edits.values()),
            self.bound + sum(map(_is_bound, come)) - sum(map(_is_bound, gone)),
            _held(self.held, come, gone),
        )

    def _block_at(self, key: FifoKey) -> int:
        """Say in which block the line of a key is, or would be."""
        return max(0, bisect_right(self.blocks, key, key=_first_key) - 1)


EMPTY_LANE: Final = Lane()
"""No lines at all."""


class _Edit:
    """What becomes of one block."""

    def __init__(self, block: Block) -> None:
        self.before = block
        self.states = list(block.states)
        self.wanted = self.unsettled = 0

    def count(self, state: LineState, sign: int) -> None:
        if sign > 0:
            insort(self.states, state, key=_key)
        else:
            del self.states[bisect_left(self.states, state.key, key=_key)]
        want = state.want
        self.wanted += sign * want
        self.unsettled += sign * state.has_news(want)

    def blocks(self) -> list[Block]:
        states, before = self.states, self.before
        if len(states) > _LARGEST:
            return _blocks_of(states)
        wanted, unsettled = before.wanted + self.wanted, before.unsettled + self.unsettled
        return [Block(tuple(states), wanted, unsettled)] if states else []


def _blocks_of(states: list[LineState]) -> list[Block]:
    """Cut lines into blocks with room to grow."""
    if len(states) <= _LARGEST:
        return [Block.of(states)] if states else []
    half = _LARGEST // 2
    return [Block.of(states[start : start + half]) for start in range(0, len(states), half)]


def _held(
    held: tuple[tuple[Location, int], ...], come: Iterable[LineState], gone: Iterable[LineState]
) -> tuple[tuple[Location, int], ...]:
    """Add what some lines hold to sums by location, and take away what others held."""
    sums = dict(held)
    for states, sign in ((come, 1), (gone, -1)):
        for state in states:
            for allocation in state.allocations:
                place = allocation.location
                sums[place] = sums.get(place, 0) + sign * allocation.quantity
    return tuple(sorted((place, held) for place, held in sums.items() if held)) if sums else ()


def _is_bound(state: LineState) -> bool:
    return state.line.location is not None and state.line.outstanding > 0


def _key(state: LineState) -> FifoKey:
    return fifo_key(state.order, state.line)


def _first_key(block: Block) -> FifoKey:
    return _key(block.states[0])
