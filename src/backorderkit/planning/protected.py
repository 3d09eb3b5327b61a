"""What protections leave to the lines of one SKU, as its supply events go by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, TypeAlias

import attrs

from backorderkit.model.ids import Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.planning.reasons import BlockerKind
from backorderkit.policies.attributes import Attribute, Value, column_of
from backorderkit.policies.protections import Protection

_Row: TypeAlias = "Value | tuple[Value, ...]"
"""The values of a line, in the order of a board's attributes; bare where there is one."""

_LAST_DAY: Final = date.max.toordinal()

_NAMED: Final = 3
"""How many protections an explanation names."""


class _Board:
    """
    Protections that concern the same SKUs, and which of them are a line's own.

    Attributes:
        protections: All of them.
        attributes: By which their groups are made.
    """

    __slots__ = ("_by_first", "_owns", "attributes", "peers", "protections")

    def __init__(self, protections: Sequence[Protection]) -> None:
        self.protections = protections
        named = {attribute for each in protections for attribute in each.group}
        self.attributes: tuple[Attribute, ...] = tuple(sorted(named))
        # By one of their attributes first, so that most groups need not be looked at.
        self._by_first = defaultdict[tuple[Attribute, Value], list[int]](list)
        for place, each in enumerate(protections):
            first = min(each.group)
            for value in each.group[first]:
                self._by_first[first, value].append(place)
        self._owns = dict[_Row, tuple[int, ...]]()
        # Where one follows another of the same group, nothing gets free between them.
        self.peers = [
            (each.family, each.rank, each.own, frozenset(each.group.items()))
            for each in protections
        ]

    def owns_of(self, orders: Sequence[Order], lines: Sequence[OrderLine]) -> list[tuple[int, ...]]:
        """Give each line's own protections, by their places.  O(lines)."""
        columns = [column_of(each, orders, lines) for each in self.attributes]
        # A tuple of one for each line would cost as much as all the rest.
        rows: Sequence[_Row] = columns[0] if len(columns) == 1 else list(zip(*columns))  # noqa: B905 - all are as long
        owns = self._owns
        for row in set(rows).difference(owns):
            owns[row] = tuple(self._find(row if isinstance(row, tuple) else (row,)))
        return [owns[row] for row in rows]

    def _find(self, row: tuple[Value, ...]) -> Iterator[int]:
        values = dict(zip(self.attributes, row, strict=True))
        found = [place for pair in values.items() for place in self._by_first.get(pair, ())]
        for place in sorted(found):
            group = self.protections[place].group
            if all(values[attribute] in allowed for attribute, allowed in group.items()):
                yield place


@attrs.define(eq=False)
class _State:
    """
    One protection of one SKU.

    Attributes:
        protection: What was asked for.
        place: Among the protections of the SKU.
        had: What its group had of it.
        active: Whether it is in force.
        by_slot: What each slot had of it in this plan.
    """

    protection: Protection
    place: int
    had: int
    active: bool = False
    by_slot: dict[int, int] = attrs.field(factory=dict)

    @property
    def remains(self) -> int:
        """What others must leave."""
        return max(0, self.protection.quantity - self.had)


class Protected:
    """
    What the protections of one SKU leave to its lines; a `Restriction`.

    It keeps the sum of what remains, in all and by family and rank, so that what a line
    must leave is that sum less what it need not respect.
    """

    __slots__ = ("_board", "_day", "_families", "_owns", "_states", "_total", "_turns")

    kind: BlockerKind = "protection"

    def __init__(
        self, board: _Board, owns: Sequence[tuple[int, ...]], kept: Sequence[int], day: int
    ) -> None:
        """Take each line's own protections and what it has; made by `ProtectionPlan.rooms_of`."""
        self._board = board
        self._owns = owns
        self._states = [
            _State(protection=each, place=place, had=each.used)
            for place, each in enumerate(board.protections)
        ]
        self._turns = sorted(_turns_of(board.protections, day), reverse=True)
        self._day = day
        self._total = 0
        self._families = dict[str, dict[int, int]]()
        self._add_up()
        if any(kept):
            for slot, units in enumerate(kept):
                if units:
                    self.take(slot, units)

    def go_on(self, day: int) -> None:
        """Come to an event of a day; O(protections) where one begins or ends before it."""
        self._day = day
        turned = False
        while self._turns and self._turns[-1] <= day:
            self._turns.pop()
            turned = True
        if turned:
            self._add_up()

    def room(self, slot: int, there: int) -> int:
        """
        Say how many units the line may get, at most what is there.

        O(own protections + ranks of their families).
        """
        own = [state for place in self._owns[slot] if (state := self._states[place]).active]
        if not own:
            return max(0, there - self._total)
        # A group that is restricted is free of others as far as its own goes, and not beyond.
        ends = sorted({state.remains for state in own if state.protection.own == "restricted"})
        room = 0
        for end in (*ends, None):
            free = [
                state
                for state in own
                if state.protection.own == "none" or (end is not None and state.remains >= end)
            ]
            room = max(room, there - self._total + self._not_respected(own, free))
            if end is None or room < end:
                break
            room = end
        return max(0, min(room, there))

    def take(self, slot: int, units: int) -> None:
        """Note that a line got so many, or gave some back; O(own protections)."""
        for place in self._owns[slot]:
            state = self._states[place]
            if not state.active:
                continue
            before = state.remains
            had = state.by_slot.get(slot, 0)
            now = state.by_slot[slot] = max(0, had + units)
            state.had += now - had
            self._count(state, state.remains - before)

    def next_day(self) -> int | None:
        """
        Give the first later day on which less is protected for somebody.

        O(protections) as a rule.  Where one protection follows another of the same group,
        only what is less counts.
        """
        if not self._total:
            return None
        now = self._by_peers(self._day)
        for day in reversed(self._turns):
            then = self._by_peers(day)
            if any(then[peers] < units for peers, units in now.items()):
                return day
        return None

    def sets(self) -> Sequence[Sequence[int]]:
        """Give the slots of lines with the same own protections; O(slots)."""
        slots = defaultdict[tuple[int, ...], list[int]](list)
        for slot, own in enumerate(self._owns):
            slots[own].append(slot)
        return list(slots.values())

    def name_of(self, slot: int) -> str:
        """Name the protections that the line must respect, the largest first; O(protections)."""
        own = [state for place in self._owns[slot] if (state := self._states[place]).active]
        best = _best_ranks(
            state for state in own if state.protection.own == "none" or state.remains
        )
        respected = [
            state
            for state in self._states
            if state.active
            and state.remains
            and state.place not in self._owns[slot]
            and not state.protection.rank > best.get(state.protection.family, state.protection.rank)
        ]
        respected.sort(key=lambda state: (-state.remains, state.protection.name, state.place))
        names = ", ".join(state.protection.name for state in respected[:_NAMED])
        return f"{names}, ..." if len(respected) > _NAMED else names

    def _not_respected(self, own: Sequence[_State], free: Sequence[_State]) -> int:
        """
        Add up what a line need not leave: its own, and lower ranks of their families.

        Args:
            own: All its own protections in force.
            free: Those that set it free of lower ranks.
        """
        best = _best_ranks(free)
        units = 0
        for family, highest in best.items():
            ranks = self._families[family]
            units += sum(each for rank, each in ranks.items() if rank > highest)
        for state in own:
            protection = state.protection
            if not protection.rank > best.get(protection.family, protection.rank):
                units += state.remains
        return units

    def _add_up(self) -> None:
        self._total = 0
        self._families = {}
        for state in self._states:
            state.active = state.protection.in_force(self._day)
            if state.active:
                self._count(state, state.remains)

    def _count(self, state: _State, units: int) -> None:
        protection = state.protection
        ranks = self._families.setdefault(protection.family, {})
        ranks[protection.rank] = ranks.get(protection.rank, 0) + units
        self._total += units

    def _by_peers(self, day: int) -> Counter[object]:
        """Add up what remains of the protections in force on a day, by group."""
        found = Counter[object]()
        for state, peers in zip(self._states, self._board.peers, strict=True):
            if state.protection.in_force(day):
                found[peers] += state.remains
        return found


class ProtectionPlan:
    """All protections, made ready for a plan: which concern a SKU, and whose they are."""

    __slots__ = ("_boards", "_by_sku", "_protections", "_today", "_wide")

    def __init__(self, protections: Sequence[Protection], today: int) -> None:
        """Take protections, and the day of the plan.  O(protections + SKUs they name)."""
        self._protections = protections
        self._today = today
        self._wide: list[int] = []
        self._by_sku = defaultdict[Sku, list[int]](list)
        for place, each in enumerate(protections):
            if each.until is not None and each.until.toordinal() < today:
                continue
            if each.skus is None:
                self._wide.append(place)
            else:
                for sku in each.skus:
                    self._by_sku[sku].append(place)
        self._boards = dict[tuple[int, ...], _Board]()

    def rooms_of(
        self, sku: Sku, orders: Sequence[Order], lines: Sequence[OrderLine], kept: Sequence[int]
    ) -> Protected | None:
        """
        Give what they leave to one SKU's lines, or None if none of them need respect any.

        O(lines + protections that concern the SKU).
        """
        places = tuple(sorted((*self._wide, *self._by_sku.get(sku, ()))))
        if not places:
            return None
        board = self._boards.get(places)
        if board is None:
            # SKUs that no protection names share one board, and what it found.
            board = self._boards[places] = _Board([self._protections[place] for place in places])
        owns = board.owns_of(orders, lines)
        kinds = set(owns)
        protecting = {
            place for place, each in enumerate(board.protections) if each.quantity > each.used
        }
        if all(protecting.issubset(own) for own in kinds):
            return None
        return Protected(board, owns, kept, self._today)


def _best_ranks(states: Sequence[_State] | Iterator[_State]) -> Mapping[str, int]:
    """Give the highest rank in each family."""
    best = dict[str, int]()
    for state in states:
        protection = state.protection
        best[protection.family] = min(best.get(protection.family, protection.rank), protection.rank)
    return best


def _turns_of(protections: Sequence[Protection], day: int) -> set[int]:
    """Give the later days on which one begins, and such as follow the end of one."""
    begins = {each.from_day.toordinal() for each in protections if each.from_day is not None}
    ends = {each.until.toordinal() + 1 for each in protections if each.until is not None}
    return {each for each in begins | ends if day < each <= _LAST_DAY}
