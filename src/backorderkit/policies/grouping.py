"""What groups of lines are made by: their attributes, as columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal, TypeAlias, cast, get_args

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, check_label, check_text, check_whole, refuse
from backorderkit.model.ids import Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.policies.attributes import KNOWN
from backorderkit.policies.keys import names_of

GroupAttribute = Literal["channel", "currency", "customer", "location", "priority", "sku"]
"""An attribute of a line or of its order."""

GroupValue: TypeAlias = str | int
"""What it may be: a whole number for ``"priority"``, a text for all others."""

GROUP_ATTRIBUTES: Final[tuple[GroupAttribute, ...]] = get_args(GroupAttribute)


def column_of(
    attribute: GroupAttribute, orders: Sequence[Order], lines: Sequence[OrderLine]
) -> Sequence[GroupValue]:
    """
    Give one attribute of all lines.

    A line without a currency has ``""`` there, and so has one that is bound to no
    location.

    >>> order = Order.of("SO-1", "2026-01-02", {"MUG": 5}, channel="web")
    >>> column_of("channel", [order], order.lines), column_of("location", [order], order.lines)
    (['web'], [''])
    """
    known = KNOWN[attribute]
    if known.of_order is not None:
        return [cast("GroupValue", value) for value in map(known.of_order, orders)]
    assert known.of_line is not None  # noqa: S101 - it is of one of the two
    return [cast("GroupValue", value or "") for value in map(known.of_line, lines)]


def check_value(
    problems: Problems, field: str, attribute: GroupAttribute, value: object, path: str
) -> None:
    """Refuse what the attribute cannot be."""
    found: Problems = []
    if attribute == "priority":
        check_whole(found, field, value, least=1)
    else:
        check_label(found, field, value)
    for each in found:
        refuse(problems, field, value, f"{each.reason} for {attribute}", path)


def skus_of(given: Iterable[Sku] | None) -> frozenset[Sku] | None:
    """
    Take a set of SKUs, or None for all.

    Raises:
        InvalidValueError: if it is one text, no iterable, or holds what is no text.
    """
    if given is None:
        return None
    named = names_of("skus", given)
    for each in named:
        if not isinstance(each, str):
            raise InvalidValueError(field="skus", value=each, reason="must be a non-empty string")
    return frozenset(map(Sku, named))


def check_names(problems: Problems, field: str, names: Iterable[str] | None) -> None:
    """Refuse a set of names that names none, or one that is no id."""
    if names is None:
        return
    ordered = sorted(names)
    if not ordered:
        refuse(problems, field, names, "must name one at least, or be None for all")
    for each in ordered:
        check_text(problems, field, each)
