"""What may be changed of an item that a store has already."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.model._checks import as_tuple
from backorderkit.model._consistency import problem_count
from backorderkit.model.ids import Sku
from backorderkit.model.items import Item


def checked_items(given: Iterable[Item], known: Callable[[Sku], Item | None]) -> tuple[Item, ...]:
    """
    Give items that may be defined.

    Raises:
        InvalidInputError: with every one that is no item, is there twice, or would be
            counted otherwise than what is written of it.
    """
    items = as_tuple("items", given)
    problems, seen = list[InvalidValueError](), set[Sku]()
    for place, item in enumerate(items):
        path = f"items[{place}]"
        if not isinstance(item, Item):
            problems.append(_problem(item, "must be an Item", path))
            continue
        before = known(item.sku)
        if item.sku in seen:
            problems.append(_problem(item.sku, "must be there once", path))
        elif before is not None and before.measure != item.measure:
            unit = before.measure
            reason = f"must be counted as before: in {unit.name}, with {unit.decimals} decimals"
            problems.append(_problem(item.sku, reason, path))
        seen.add(item.sku)
    if problems:
        raise InvalidInputError(problem_count("items", len(problems)), problems)
    return items


def _problem(value: object, reason: str, path: str) -> InvalidValueError:
    return InvalidValueError(field="items", value=value, reason=reason, path=path)
