"""Sets the slots of frozen values directly, where a constructor would cost too much."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Final, TypeVar, cast

import attrs

_Value = TypeVar("_Value")

Setter = Callable[[object, object], None]
"""Sets one field of a fresh value."""

new: Final = object.__new__
"""Makes a value whose slots are empty still."""


def setters(kind: type, *fields: str) -> tuple[Setter, ...]:
    """
    Give what sets the fields of a slotted class, though it is frozen.

    It costs half of what attrs' own constructor needs for the same.  Only what
    makes a fresh value may use it, and nothing is checked.
    """
    return tuple(vars(kind)[field].__set__ for field in fields)


def fill(kind: type[_Value], columns: Mapping[str, Sequence[object]]) -> list[_Value]:
    """
    Make a value of each row of some columns, as unchecked as by `setters`.

    A field without a column has its default.
    """
    fields = attrs.fields(cast("type[attrs.AttrsInstance]", kind))
    values = list(map(new, repeat(kind, len(next(iter(columns.values()))))))
    for field in fields:
        column = columns.get(field.name) or repeat(field.default)
        deque(map(vars(kind)[field.name].__set__, values, column), maxlen=0)
    return values
