"""Sets the slots of frozen values directly, where a constructor would cost too much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

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
