"""What a record of a document is about: in words, and for setting it aside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final, NamedTuple

from backorderkit.errors import brief
from backorderkit.model._consistency import Fault
from backorderkit.model.orders import OrderLine

Raw = Mapping[str, object]
"""A record as it stands in a document; what is absent is None or not there."""


class Place(NamedTuple):
    """Where a record stands: an entry of a section, perhaps an entry of a list in it."""

    section: str
    entry: int
    child: int | None = None


class Touch(NamedTuple):
    """The SKUs and the orders that a problem touches; one of them at least."""

    skus: frozenset[str]
    orders: frozenset[str]


class About(NamedTuple):
    """What something is about: in words, and what is set aside for it; None is the whole."""

    words: str
    touch: Touch | None


NOTHING: Final = About("", None)
"""What the document itself is about."""

NAMING: Final = frozenset({"id", "sku", "order", "line"})
"""The fields that say what a record is about."""


def what_about(
    place: Place,
    raw: Raw,
    parent: Raw | None,
    *,
    line: OrderLine | None,
    stand_ins: Collection[object],
    bad: Collection[str],
) -> About:
    """
    Tell what a record is about.

    Args:
        place: Where it stands.
        raw: The record.
        parent: The record that it stands in, if it does.
        line: The order line that it names, if it names one.
        stand_ins: Ids that name nothing real.
        bad: Its fields that cannot be read.
    """
    words = _described(place, raw, parent, line, stand_ins)
    return About(words, _touched(place.section, raw, parent, line, bad))


def _described(
    place: Place,
    raw: Raw,
    parent: Raw | None,
    line: OrderLine | None,
    stand_ins: Collection[object],
) -> str:
    """Name the receipt, order, line, SKU and location that a record is about."""
    whole = raw if parent is None else parent
    if place.section == "orders":
        order, line_id = whole.get("id"), None if parent is None else raw.get("id")
        found: Raw = raw
    elif place.section in ("allocations", "backorders"):
        order, line_id = whole.get("order"), whole.get("line")
        found = {"sku": line and line.sku, "location": raw.get("location")}
    else:
        order, line_id, found = None, None, raw
    words = []
    for label, value in (
        ("receipt", raw.get("id") if place.section == "receipts" else None),
        ("hold", raw.get("id") if place.section == "holds" else None),
        ("order", order),
        ("line", line_id),
        ("SKU", found.get("sku")),
        ("location", found.get("location")),
    ):
        if type(value) is str and value and value not in stand_ins:
            words.append(f"{label} {brief(value)}")
    return ", ".join(words)


def _touched(
    section: str,
    raw: Raw,
    parent: Raw | None,
    line: OrderLine | None,
    bad: Collection[str] = (),
) -> Touch | None:
    """Tell what is to be set aside for a problem of a record; None if nobody can tell."""
    whole = raw if parent is None else parent
    # What a record in another names is no more than that record's own concern.
    unreadable = bad if parent is None else ()
    match section:
        case "orders":
            order = None if "id" in unreadable else _id(whole.get("id"))
            sku = None if parent is None or "sku" in bad else _id(raw.get("sku"))
            return None if order is None else _touch(sku, order)
        case "allocations":
            # Of what it holds units, only its line can say.
            return None if line is None else _touch(line.sku, _id(whole.get("order")))
        case "backorders":
            order = None if "order" in unreadable else _id(whole.get("order"))
            return None if order is None else _touch(None if line is None else line.sku, order)
        case _:
            sku = None if "sku" in bad else _id(raw.get("sku"))
            return None if sku is None else _touch(sku, None)


def touched_by(
    fault: Fault,
    entry: object,
    line_named: Callable[[Raw], OrderLine | None],
    skus_by_receipt: Mapping[str, Collection[str]],
) -> Touch | None:
    """
    Tell what is to be set aside for a fault; None if nobody can tell.

    Args:
        fault: What does not fit.
        entry: The value that it is a fault of.
        line_named: Gives the order line that a record names.
        skus_by_receipt: The SKUs of all receipts that bear an id.
    """
    raw = {name: getattr(entry, name, None) for name in NAMING}
    if fault.line is not None:
        return _touched(fault.section, {"sku": fault.line.sku}, raw, None)
    if fault.section == "receipts" and fault.rule == "unique":
        return Touch(frozenset(skus_by_receipt[str(raw["id"])]), frozenset())
    return _touched(fault.section, raw, None, line_named(raw))


def _id(value: object) -> str | None:
    return value if type(value) is str and value else None


def _touch(sku: str | None, order: str | None) -> Touch:
    return Touch(
        frozenset() if sku is None else frozenset({sku}),
        frozenset() if order is None else frozenset({order}),
    )
