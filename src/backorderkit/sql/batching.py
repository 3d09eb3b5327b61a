"""Many values in pieces: databases limit how many a statement may carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

_Value = TypeVar("_Value")

_MANY: Final = 1000


def batches(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    """Give values in lists that are not too long; none if there are none."""
    left = iter(values)
    while batch := list(islice(left, _MANY)):
        yield batch
