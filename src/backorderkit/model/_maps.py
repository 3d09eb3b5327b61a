"""A map that is never changed: one that differs in an entry shares nearly all with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, Generic, TypeVar

_Value = TypeVar("_Value")

_SLOTS: Final = 64


class StableMap(Generic[_Value]):
    """
    Values by text, in 64 x 64 small dicts.

    To set an entry copies one dict and two tuples of 64: about two microseconds
    for a thousand entries and for a million alike.
    """

    __slots__ = ("_size", "_slots")

    def __init__(self, entries: Iterable[tuple[str, _Value]] = ()) -> None:
        """Take entries; the last of one name counts."""
        dicts = defaultdict[int, dict[str, _Value]](dict)
        for name, value in entries:
            dicts[hash(name) % (_SLOTS * _SLOTS)][name] = value
        self._size = sum(map(len, dicts.values()))
        # Dicts are copied before they change, so all that are empty can be one, and a map of
        # a few names costs a few microseconds.
        nothing: dict[str, _Value] = {}
        bare: tuple[dict[str, _Value], ...] = (nothing,) * _SLOTS
        rows = [bare] * _SLOTS
        for outer in {place // _SLOTS for place in dicts}:
            places = range(outer * _SLOTS, (outer + 1) * _SLOTS)
            rows[outer] = tuple(dicts.get(place, nothing) for place in places)
        self._slots = tuple(rows)

    def __len__(self) -> int:
        return self._size

    def get(self, name: str) -> _Value | None:
        """Give the value of a name, or None."""
        outer, inner = divmod(hash(name) % (_SLOTS * _SLOTS), _SLOTS)
        return self._slots[outer][inner].get(name)

    def items(self) -> Iterator[tuple[str, _Value]]:
        """Give all entries, sorted by name."""
        if not self._size:
            return iter(())
        found = [
            entry for outer in self._slots for inner in outer if inner for entry in inner.items()
        ]
        return iter(sorted(found, key=lambda entry: entry[0]))

    def put(self, name: str, value: _Value | None) -> StableMap[_Value]:
        """Give a map with another value of a name; None takes it out."""
        outer, inner = divmod(hash(name) % (_SLOTS * _SLOTS), _SLOTS)
        row = self._slots[outer]
        entries = row[inner].copy()
        before = len(entries)
        if value is None:
            entries.pop(name, None)
        else:
            entries[name] = value
        row = (*row[:inner], entries, *row[inner + 1 :])
        made: StableMap[_Value] = StableMap.__new__(StableMap)
        made._slots = (*self._slots[:outer], row, *self._slots[outer + 1 :])
        made._size = self._size + len(entries) - before
        return made

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the entries: another process puts names into other dicts."""
        return StableMap, (tuple(self.items()),)
