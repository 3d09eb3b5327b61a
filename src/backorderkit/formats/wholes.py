"""Puts together what the rows of a table say of one thing: the lines of an order."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import chain, pairwise
from typing import Generic, TypeVar

from backorderkit.formats.columns import NotPlain
from backorderkit.formats.fields import Record
from backorderkit.formats.scalars import Scalar

_Whole = TypeVar("_Whole")
_Part = TypeVar("_Part")

Parts = Sequence[Sequence[_Part]]
"""The parts of each record, none or some."""

Read = Mapping[str, Sequence[Scalar]]
"""The values of each field; a field that says nothing but its default is not there."""

Make = Callable[[Mapping[str, Sequence[object]]], list[_Whole]]
"""Makes a whole of each row of columns: those of its fields, and one with its parts."""


class Wholes(Generic[_Whole, _Part]):
    """Orders with their lines, or backorders with their promises, as far as they are read."""

    def __init__(self, make: Make[_Whole], parts: str, record: Record) -> None:
        """
        Start with nothing.

        Args:
            make: Makes wholes of columns.
            parts: Its argument for the parts.
            record: Its other fields.
        """
        self._make = make
        self._parts = parts
        self._defaults = {field.name: field.default for field in record}
        self._made: list[_Whole] = []
        self._places = dict[Hashable, int]()
        self._further = dict[int, list[_Part]]()

    def add(self, read: Read, parts: Parts[_Part]) -> None:
        """
        Add a whole for each record.

        Raises:
            InvalidValueError: if one cannot be made.
        """
        self._made += self._make({**read, self._parts: parts})

    def gather(self, read: Read, parts: Parts[_Part], keys: Sequence[Hashable]) -> None:
        """
        Add rows, of which those with one key make one whole and must agree in all else.

        A whole is made as soon as the rows of it that lie together end; what
        lies elsewhere is added when all is read.

        Raises:
            InvalidValueError: if one cannot be made.
            NotPlain: if its rows do not agree.
        """
        read, parts, keys = _joined(read, parts, keys)
        places = self._places
        count = len(self._made)
        fresh = list[int]()
        again = list[tuple[int, int]]()
        for row, key in enumerate(keys):
            place = places.setdefault(key, count + len(fresh))
            if place == count + len(fresh):
                fresh.append(row)
            else:
                again.append((row, place))
        if again:
            self.add(_only(read, fresh), [parts[row] for row in fresh])
            for row, place in again:
                self._check_agreement({name: values[row] for name, values in read.items()}, place)
                self._further.setdefault(place, []).extend(parts[row])
        else:
            self.add(read, parts)

    def finish(self) -> list[_Whole]:
        """
        Give all wholes.

        Raises:
            InvalidValueError: if one cannot be made of all its parts.
        """
        for place, parts in self._further.items():
            whole = self._made[place]
            known: tuple[_Part, ...] = getattr(whole, self._parts)
            fields = {name: [getattr(whole, name)] for name in self._defaults}
            (self._made[place],) = self._make({**fields, self._parts: [(*known, *parts)]})
        self._further.clear()
        return self._made

    def _check_agreement(self, row: Mapping[str, Scalar], place: int) -> None:
        whole = self._made[place]
        for name, default in self._defaults.items():
            if row.get(name, default) != getattr(whole, name):
                raise NotPlain


def _joined(
    read: Read, parts: Parts[_Part], keys: Sequence[Hashable]
) -> tuple[Read, Parts[_Part], Sequence[Hashable]]:
    """Make one of the rows that lie together and have one key."""
    starts = [0, *(row for row, (one, other) in enumerate(pairwise(keys), 1) if one != other)]
    if len(starts) == len(keys):
        return read, parts, keys
    spans = list(pairwise((*starts, len(keys))))
    for values in read.values():
        for start, end in spans:
            if end - start > 1 and values[start:end].count(values[start]) < end - start:
                raise NotPlain
    joined = [tuple(chain.from_iterable(parts[start:end])) for start, end in spans]
    return _only(read, starts), joined, [keys[start] for start in starts]


def _only(read: Read, rows: Sequence[int]) -> Read:
    return {name: [values[row] for row in rows] for name, values in read.items()}
