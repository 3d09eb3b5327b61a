"""
Notices and changes of promises as CloudEvents 1.0, the common form of events between systems.

It needs the extra ``events``, as `backorderkit.formats.facts` does.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Final

import attrs

from backorderkit.formats.facts import fact_record
from backorderkit.formats.writer import Json
from backorderkit.model._checks import Problems, check_text, raise_first, refuse
from backorderkit.model.times import write_time
from backorderkit.planning import Notice
from backorderkit.promising import Cause, PromiseChange

__all__ = ["cloud_event"]

_URI_REFERENCE: Final = re.compile(r"[\w.~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII)
# What a CloudEvents string must not hold, and the sign that stands for it.
_NOT_ALLOWED: Final = re.compile("[%\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_OWN: Final = ("id", "kind", "at", "fact")


def cloud_event(
    notice: Notice | PromiseChange, *, source: str, prefix: str = "backorderkit"
) -> dict[str, Json]:
    """
    Write a notice, or a change that a `PromiseLedger` knows, as a CloudEvent, a JSON object.

    The ``type`` ends in the notice's kind; of a change, in ``ledger.`` and what to do about
    it, such as ``ledger.tell``.  The ``data`` has what belongs to it, and the fact of a
    notice.  Quantities are in smallest units.

    Args:
        notice: What to tell.
        source: Who tells it, a URI reference: one for each store, since the keys of
            commands are unique in a store only.
        prefix: What the ``type`` begins with; systems that share events often use
            a domain name in reverse.

    Raises:
        InvalidValueError: if *source* is no URI reference or *prefix* no text.

    >>> from backorderkit import Fifo, Order, PlaceOrder, Snapshot, answer, notices
    >>> shop = Snapshot.of(as_of="2026-01-05")
    >>> placed = answer(
    ...     shop, PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 5})), policy=Fifo()
    ... )
    >>> opened = notices(placed.changes, before=shop, id="web-4711")[-1]
    >>> event = cloud_event(opened, source="/shop/north")
    >>> event["type"], event["subject"], event["data"]["backordered"]
    ('backorderkit.opened', 'SO-1/1', 5)
    """
    problems: Problems = []
    if not isinstance(source, str) or _URI_REFERENCE.fullmatch(source) is None:
        refuse(problems, "source", source, "must be a URI reference")
    check_text(problems, "prefix", prefix)
    raise_first(problems)
    subject = _subject(notice)
    return {
        "specversion": "1.0",
        "id": _allowed(notice.id),
        "source": source,
        "type": f"{_allowed(prefix)}.{_type(notice)}",
        "time": write_time(notice.at),
        **({"subject": subject} if subject else {}),
        "datacontenttype": "application/json",
        "data": _data(notice),
    }


def _type(told: Notice | PromiseChange) -> str:
    return told.kind if isinstance(told, Notice) else f"ledger.{told.response}"


def _subject(told: Notice | PromiseChange) -> str:
    """Name what it is about: an order, a line of it, a receipt, a hold, or a SKU."""
    if isinstance(told, PromiseChange):
        parts: list[str] = [told.order, told.line]
    elif told.order is not None:
        parts = [told.order] if told.line is None else [told.order, told.line]
    else:
        parts = [told.receipt or told.hold or told.sku or ""]
    return "/".join(map(_allowed, parts))


def _data(told: Notice | PromiseChange) -> dict[str, Json]:
    if isinstance(told, Notice):
        return {**_fields(told, _OWN), "fact": fact_record(told.fact)}
    causes: list[Json] = [_fields(each, ()) for each in told.causes]
    return {**_fields(told, ("id", "at", "causes")), "causes": causes}


def _fields(told: Notice | PromiseChange | Cause, own: Collection[str]) -> dict[str, Json]:
    """Write those fields that say something, but for some."""
    data: dict[str, Json] = {}
    for field in attrs.fields(type(told)):
        value: str | int | datetime | None = None
        if field.name not in own:
            value = getattr(told, field.name)
        if value is not None:
            data[field.name] = write_time(value) if isinstance(value, datetime) else value
    return data


def _allowed(text: str) -> str:
    """Put signs for characters that no CloudEvent may hold; other texts stay as they are."""
    return _NOT_ALLOWED.sub(lambda found: f"%{ord(found[0]):02X}", text)
