"""Takes what callers of a book and of plans give, and refuses what it cannot be."""

from __future__ import annotations

from collections.abc import Iterable

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, as_tuple, check_text, raise_first, refuse
from backorderkit.model.backorders import Allocation
from backorderkit.model.ids import LineId, Sku
from backorderkit.model.orders import Order


def sku_set(skus: Iterable[str] | None) -> frozenset[Sku] | None:
    """
    Take the names of SKUs; None stands for all.

    Raises:
        InvalidValueError: if they are no collection of ids.
    """
    return None if skus is None else named_skus(skus)


def named_skus(skus: Iterable[str]) -> frozenset[Sku]:
    """
    Take the names of SKUs.

    Raises:
        InvalidValueError: if they are no collection of ids.
    """
    problems: Problems = []
    if isinstance(skus, str) or not isinstance(skus, Iterable):
        raise InvalidValueError(field="skus", value=skus, reason="must be a collection of SKUs")
    named = tuple(skus)
    for sku in named:
        check_text(problems, "skus", sku)
    raise_first(problems)
    return frozenset(map(Sku, named))


def require_id(field: str, value: object) -> None:
    """
    Refuse what is no id.

    Raises:
        InvalidValueError: if it is none.
    """
    problems: Problems = []
    check_text(problems, field, value)
    raise_first(problems)


def held_by(line: LineId, allocations: Iterable[Allocation]) -> tuple[Allocation, ...]:
    """Give those allocations of an order that are one line's, by location."""
    own = (allocation for allocation in allocations if allocation.line == line)
    return tuple(sorted(own, key=lambda allocation: allocation.location))


def allocations_given(order: Order, allocations: Iterable[Allocation]) -> list[Allocation]:
    """Take what a host says is allocated to an order."""
    given = as_tuple("allocations", allocations)
    problems: Problems = []
    for index, each in enumerate(given):
        path = f"allocations[{index}]"
        if not isinstance(each, Allocation):
            refuse(problems, "allocations", each, "must be an Allocation", path)
        elif each.order != order.id:
            refuse(problems, "order", each.order, f"must be {order.id}", f"{path}.order")
    raise_first(problems)
    return list(given)


def not_a(field: str, value: object, kind: str) -> InvalidValueError:
    """Say that a value is of another kind."""
    article = "an" if kind[0] in "AEIOU" else "a"
    return InvalidValueError(field=field, value=value, reason=f"must be {article} {kind}")
