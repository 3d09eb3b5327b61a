"""What protections leave to the lines of one SKU, as its supply events go by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple, TypeAlias

from backorderkit.model.ids import Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.planning.reasons import BlockerKind
from backorderkit.policies.grouping import GroupAttribute, GroupValue, column_of
from backorderkit.policies.protections import Own, Protection

_Row: TypeAlias = GroupValue | tuple[GroupValue, ...]
"""The values of a line, in the order of a board's attributes; bare where there is one."""

_LAST_DAY: Final = date.max.toordinal()

_NAMED: Final = 3
"""How many protections an explanation names."""


class _Peers(NamedTuple):
    """What protections of one group have in common, so that one may follow on another."""

    family: str
    rank: int
    own: Own
    group: frozenset[tuple[GroupAttribute, frozenset[GroupValue]]]


class _Board:
    """
    Protections that concern the same SKUs: whose they are, and how it stands today.

    Attributes:
        protections: All of them; the others go by their places among these.
        protecting: Those that have something left to protect.
        cells: By place, where what remains is added up: one cell for a family and rank.
        lower: By place, the cells of lower ranks in its family.
        turns: The later days on which one begins or has ended.
        remains: By place, what others must leave today.
        active: By place, whether it is in force today.
        sums: By cell, what remains of all in force today.
    """

    __slots__ = (
        *("_above", "_attributes", "_owns", "_peers", "active", "cells", "lower", "protecting"),
        *("protections", "remains", "sums", "turns"),
    )

    def __init__(self, protections: Sequence[Protection], today: int) -> None:
        self.protections = protections
        named = {attribute for each in protections for attribute in each.group}
        self._attributes: tuple[GroupAttribute, ...] = tuple(sorted(named))
        self._owns = _Owns(protections, self._attributes)
        # Where one follows another of the same group, nothing gets free between them.
        self._peers = [
            _Peers(each.family, each.rank, each.own, frozenset(each.group.items()))
            for each in protections
        ]
        names = sorted({(each.family, each.rank) for each in protections})
        self.cells = [names.index((each.family, each.rank)) for each in protections]
        self.lower = [
            [
                cell
                for cell, (family, rank) in enumerate(names)
                if family == each.family and rank > each.rank
            ]
            for each in protections
        ]
        self._above = {peers for peers, lower in zip(self._peers, self.lower, strict=True) if lower}
        self.turns = sorted(_turns_of(protections, today))
        self.remains = [max(0, each.quantity - each.used) for each in protections]
        self.protecting = {place for place, units in enumerate(self.remains) if units}
        self.active, self.sums = self.on(today, self.remains)

    def owns_of(self, orders: Sequence[Order], lines: Sequence[OrderLine]) -> list[tuple[int, ...]]:
        """Give each line's own protections.  O(lines)."""
        columns = [column_of(each, orders, lines) for each in self._attributes]
        owns = self._owns
        if len(columns) == 1:
            # A tuple of one for each line would cost as much as all the rest.
            return [owns[value] for value in columns[0]]
        return [owns[row] for row in zip(*columns, strict=True)]

    def on(self, day: int, remains: Sequence[int]) -> tuple[list[bool], list[int]]:
        """Give which are in force on a day, and what remains of them by cell."""
        active = [each.in_force(day) for each in self.protections]
        sums = [0] * (max(self.cells) + 1)
        for place, is_active in enumerate(active):
            if is_active:
                sums[self.cells[place]] += remains[place]
        return active, sums

    def by_peers(self, day: int, remains: Sequence[int]) -> Mapping[_Peers, int]:
        """Add up what remains of the protections in force on a day, by group."""
        found = defaultdict[_Peers, int](int)
        for place, each in enumerate(self.protections):
            if each.in_force(day):
                found[self._peers[place]] += remains[place]
        return found

    def frees(self, now: Mapping[_Peers, int], then: Mapping[_Peers, int]) -> bool:
        """
        Tell whether somebody may have to leave less to others than now.

        That is where less is protected; and where a group gets a rank above others,
        or more units for which a restricted one has it.
        """
        return any(then.get(peers, 0) < units for peers, units in now.items()) or any(
            peers not in now or (peers.own == "restricted" and units > now[peers])
            for peers, units in then.items()
            if peers in self._above
        )

    def best(self, places: Iterable[int]) -> Mapping[str, int]:
        """Give that of the highest rank in each family."""
        best = dict[str, int]()
        for place in places:
            each = self.protections[place]
            other = best.get(each.family)
            if other is None or each.rank < self.protections[other].rank:
                best[each.family] = place
        return best


class _Owns(dict[_Row, tuple[int, ...]]):
    """The own protections of lines, by the values that were asked for."""

    def __init__(
        self, protections: Sequence[Protection], attributes: tuple[GroupAttribute, ...]
    ) -> None:
        super().__init__()
        self._protections = protections
        self._attributes = attributes
        # By one of their attributes first, so that most groups need not be looked at.
        self._by_first = defaultdict[tuple[GroupAttribute, GroupValue], list[int]](list)
        for place, each in enumerate(protections):
            first = min(each.group)
            for value in each.group[first]:
                self._by_first[first, value].append(place)

    def __missing__(self, row: _Row) -> tuple[int, ...]:
        given = row if isinstance(row, tuple) else (row,)
        values = dict(zip(self._attributes, given, strict=True))
        candidates = [place for pair in values.items() for place in self._by_first.get(pair, ())]
        found = self[row] = tuple(
            place
            for place in sorted(candidates)
            if all(
                values[attribute] in allowed
                for attribute, allowed in self._protections[place].group.items()
            )
        )
        return found


class Protected:
    """
    What the protections of one SKU leave to its lines; a `Restriction`.

    It keeps the sum of what remains, in all and by family and rank, so that what a line
    must leave is that sum less what it need not respect.
    """

    __slots__ = (
        *("_active", "_board", "_day", "_had", "_had_of", "_next_turn", "_owns"),
        *("_remains", "_sums", "_total"),
    )

    kind: BlockerKind = "protection"

    def __init__(
        self, board: _Board, owns: Sequence[tuple[int, ...]], kept: Sequence[int], day: int
    ) -> None:
        """Take each line's own protections and what it has; made by `ProtectionPlan.rooms_of`."""
        self._board = board
        self._owns = owns
        self._day = day
        self._next_turn = 0
        self._active: Sequence[bool] = board.active
        self._remains = board.remains.copy()
        self._sums = board.sums.copy()
        self._total = sum(board.sums)
        # What the group of each has had, and what a slot had of it.
        self._had = [each.used for each in board.protections]
        self._had_of = dict[tuple[int, int], int]()
        if any(kept):
            for slot, units in enumerate(kept):
                if units:
                    self.take(slot, units)

    def go_on(self, day: int) -> None:
        """Come to an event of a day; O(protections) where one begins or ends before it."""
        turns = self._board.turns
        before = self._next_turn
        while self._next_turn < len(turns) and turns[self._next_turn] <= day:
            self._next_turn += 1
        self._day = day
        if self._next_turn > before:
            self._active, self._sums = self._board.on(day, self._remains)
            self._total = sum(self._sums)

    def room(self, slot: int, there: int) -> int:
        """
        Say how many units the line may get, at most what is there.

        O(own protections + ranks of their families).
        """
        own = self._owns[slot]
        if own:
            own = tuple(place for place in own if self._active[place])
        if not own:
            return max(0, there - self._total)
        protections, remains = self._board.protections, self._remains
        # A group that is restricted is free of others as far as its own goes, and not beyond.
        bound = [place for place in own if protections[place].own == "restricted"]
        room = 0
        for end in sorted({remains[place] for place in bound}):
            free = [place for place in own if place not in bound or remains[place] >= end]
            room = max(room, there - self._total + self._not_respected(own, free))
            if room < end:
                return max(0, min(room, there))
            room = end
        free = [place for place in own if place not in bound]
        room = max(room, there - self._total + self._not_respected(own, free))
        return max(0, min(room, there))

    def take(self, slot: int, units: int) -> None:
        """Note that a line got so many, or gave some back; O(own protections)."""
        for place in self._owns[slot]:
            protection = self._board.protections[place]
            if protection.until is not None and protection.until.toordinal() < self._day:
                continue
            # What a group has before its protection begins is its own then, too.
            had = self._had_of.get((place, slot), 0)
            now = self._had_of[place, slot] = max(0, had + units)
            self._had[place] += now - had
            remains = max(0, protection.quantity - self._had[place])
            change = remains - self._remains[place]
            self._remains[place] = remains
            if self._active[place]:
                self._sums[self._board.cells[place]] += change
                self._total += change

    def next_day(self) -> int | None:
        """
        Give the first later day on which less is protected from somebody.

        O(protections) as a rule.  Where one protection follows another of the same group,
        only the difference counts.
        """
        turns = self._board.turns[self._next_turn :]
        if not self._total or not turns:
            return None
        now = self._board.by_peers(self._day, self._remains)
        for day in turns:
            if self._board.frees(now, self._board.by_peers(day, self._remains)):
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
        protections, remains = self._board.protections, self._remains
        own = [place for place in self._owns[slot] if self._active[place]]
        best = self._board.best(
            place for place in own if protections[place].own == "none" or remains[place]
        )
        outranked = {cell for place in best.values() for cell in self._board.lower[place]}
        respected = [
            place
            for place, units in enumerate(remains)
            if units
            and self._active[place]
            and place not in own
            and self._board.cells[place] not in outranked
        ]
        respected.sort(key=lambda place: (-remains[place], protections[place].name, place))
        names = ", ".join(protections[place].name for place in respected[:_NAMED])
        return f"{names}, ..." if len(respected) > _NAMED else names

    def _not_respected(self, own: Sequence[int], free: Sequence[int]) -> int:
        """
        Add up what a line need not leave: its own, and lower ranks of their families.

        Args:
            own: All its own protections in force.
            free: Those that set it free of lower ranks.
        """
        board = self._board
        if len(own) == 1 and not board.lower[own[0]]:
            return self._remains[own[0]]
        outranked = [cell for place in board.best(free).values() for cell in board.lower[place]]
        units = sum(self._sums[cell] for cell in outranked)
        return units + sum(
            self._remains[place] for place in own if board.cells[place] not in outranked
        )


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
            found = [self._protections[place] for place in places]
            board = self._boards[places] = _Board(found, self._today)
        owns = board.owns_of(orders, lines)
        protecting = board.protecting
        if all(protecting.issubset(own) for own in owns):
            return None
        return Protected(board, owns, kept, self._today)


def _turns_of(protections: Sequence[Protection], day: int) -> set[int]:
    """Give the later days on which one begins, and such as follow the end of one."""
    begins = {each.from_day.toordinal() for each in protections if each.from_day is not None}
    ends = {each.until.toordinal() + 1 for each in protections if each.until is not None}
    return {each for each in begins | ends if day < each <= _LAST_DAY}
