"""
Reads a field of many records at once.

What all values of a column have in common is seen in one go, which costs a
fraction of looking at each.  Nothing is explained here: where anything is not
as it should be, the document is read again with care.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Final, cast

from backorderkit.errors import InvalidValueError
from backorderkit.formats.fields import Field, Record
from backorderkit.formats.scalars import CELL_READERS, JSON_READERS, Scalar, WrongValue
from backorderkit.model.units import Unit

Columns = Mapping[str, Sequence[object]]
"""The values of each field as they stand in the document, all as long as each other."""

Units = Sequence[Unit] | None
"""The unit of each record; None if all are counted in pieces."""

BLOCK: Final = 2048
"""How many records are read at once: many enough to pay, few enough to be small in memory."""

_PIECES: Final = Unit()
_AS_THEY_ARE: Final = {"integer": int, "quantity": int, "flag": bool}
_FEW_DIGITS: Final = 18
_DIGITS: Final = str.maketrans("123456789", "0" * 9)
_PLAIN_TIME: Final = "0000-00-00T00:00:00Z"

# Ids that name one record each; all others come again and again.
_OWN_IDS: Final = frozenset({"id", "order"})


class NotPlain(Exception):  # noqa: N818 - it never leaves this package
    """A document in which not everything is well, or not as documents usually are."""


NOT_PLAIN: Final = (NotPlain, WrongValue, InvalidValueError)
"""What tells that a document is not plain, as it comes out of reading one."""


class ColumnReader:
    """
    Reads columns of one document.

    A text that stands in many records is kept once, as if it were interned:
    that saves its memory, and finding it later.
    """

    def __init__(self, *, cells: bool) -> None:
        """Take whether values are texts of cells, not JSON."""
        self._cells = cells
        self._readers = CELL_READERS if cells else JSON_READERS
        self._absent = "" if cells else None
        self._texts = dict[str, str]()

    def read(
        self, record: Record, columns: Columns, units: Units = None
    ) -> dict[str, Sequence[Scalar]]:
        """
        Read the columns of a record's fields, without those that only say the default.

        Raises:
            NotPlain: if a value is required and not there.
            WrongValue: if one cannot be read.
        """
        found = dict[str, Sequence[Scalar]]()
        for field in record:
            column = columns.get(field.name, ())
            missing = column.count(self._absent)
            if field.required and (missing or not column):
                raise NotPlain
            if missing < len(column):
                values = (
                    self._with_gaps(field, column, units)
                    if missing
                    else self._whole(field, column, units)
                )
                # What only says the default needs not be said.
                if field.required or values.count(field.default) < len(values):
                    found[field.name] = values
        return found

    def _with_gaps(self, field: Field, column: Sequence[object], units: Units) -> Sequence[Scalar]:
        absent = self._absent
        places = [place for place, value in enumerate(column) if value != absent]
        present = self._whole(
            field, [column[place] for place in places], units and [units[place] for place in places]
        )
        values: list[Scalar] = [field.default] * len(column)
        for place, value in zip(places, present, strict=True):
            values[place] = value
        return values

    def _whole(self, field: Field, column: Sequence[object], units: Units) -> Sequence[Scalar]:
        """Read a column in which every value is there."""
        kinds = set(map(type, column))
        read: Sequence[Scalar] | None = None
        if field.kind in ("id", "label", "choice"):
            if kinds == {str}:
                texts = cast("Sequence[str]", column)
                read = texts if field.name in _OWN_IDS else self._shared(texts)
        elif field.kind == "time":
            if kinds == {str}:
                read = _plain_times(cast("Sequence[str]", column))
        elif field.kind in _AS_THEY_ARE and (field.kind != "quantity" or units is None):
            if kinds == {_AS_THEY_ARE[field.kind]}:
                read = cast("Sequence[int]", column)
            elif self._cells and field.kind != "flag":
                read = _plain_numbers(cast("Sequence[str]", column))
        if read is not None:
            return read
        reader = self._readers[field.kind]
        return list(map(reader, column, units or repeat(_PIECES)))

    def _shared(self, texts: Sequence[str]) -> list[str]:
        return list(map(self._texts.setdefault, texts, texts))


def _plain_times(texts: Sequence[str]) -> list[datetime] | None:
    """Read times that all stand as 2026-01-05T09:00:00Z; None if one does not."""
    joined = ",".join(texts)
    # Newer Pythons read 24:00 as the next midnight; the documents have no such hour.
    if joined.translate(_DIGITS) != ",".join([_PLAIN_TIME] * len(texts)) or "T24" in joined:
        return None
    try:
        return list(map(datetime.fromisoformat, texts))
    except ValueError:
        return None


def _plain_numbers(texts: Sequence[str]) -> list[int] | None:
    """Read whole numbers of usual size, without a sign; None if one is none."""
    digits = "".join(texts)
    if digits.isdecimal() and digits.isascii() and max(map(len, texts)) <= _FEW_DIGITS:
        return list(map(int, texts))
    return None
