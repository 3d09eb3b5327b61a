"""Collections of ids in commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_text,
)
from backorderkit.model.ids import (
    HoldId,
    Sku,
)

_Name = TypeVar("_Name", HoldId, Sku)


def names(field: str, given: Iterable[_Name]) -> tuple[_Name, ...]:
    """Take ids, each once, sorted if they are such; one alone is no collection of them."""
    if isinstance(given, str):
        raise InvalidValueError(field=field, value=given, reason="must be a collection of ids")
    named = as_tuple(field, given)
    return tuple(sorted(set(named))) if all(isinstance(each, str) for each in named) else named


def check_names(problems: Problems, field: str, names: tuple[object, ...]) -> None:
    """Refuse what is no id."""
    for name in names:
        check_text(problems, field, name)
