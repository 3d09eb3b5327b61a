"""What a customer is told, as data for a host's templates; and one rendering in English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final, TypeVar

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import as_tuple, check_text, raise_first
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.model.units import Unit
from backorderkit.planning.book import Book, require_source
from backorderkit.planning.given import not_a
from backorderkit.planning.grounds import Ground, ground_of, item_of
from backorderkit.planning.moved_promises import day_of
from backorderkit.promising.causes import Cause, CauseKind
from backorderkit.promising.ledger import PromiseLedger
from backorderkit.promising.recording import line_of
from backorderkit.promising.tracked import (
    RESPONSES,
    MovedUnits,
    PromiseChange,
    ResponseKind,
    TrackedUnits,
)

_Source = TypeVar("_Source")


@attrs.frozen(kw_only=True)
class DatedUnits:
    """
    Units that a customer is told a date of.

    Attributes:
        quantity: How many, in smallest units.
        due: When their supply is expected.
    """

    quantity: int
    due: datetime


@attrs.frozen(kw_only=True)
class PromiseMessage:
    """
    All that a template needs to tell a customer about a line; made by `message_for`.

    Quantities are in smallest units; ``unit.to_text`` writes them.

    Attributes:
        order: Whose order.
        line: Which line of it.
        sku: What was ordered.
        customer: Whose it is; empty if nobody says.
        unit: The unit it is counted in.
        ordered: How much was ever ordered.
        shipped: How much has left.
        cancelled: How much is not wanted any more.
        ready: How much is allocated: there, and not yet shipped.
        dated: How much is expected when, by day.
        without_date: How much has no date.
        changed: What differs from what was told before; empty if nothing does.
        response: Whether an answer is needed: ``"ask"``, ``"cancel"`` (it is cancelled
            without one), or else none is.
        answer_by: Until when, if it is cancelled then; of several times the first.
        asked: How many units the question is about.
        lapsing: How many of them are cancelled then, without an answer.
        causes: Why the dates moved.  They name other orders: not for the customer's eyes.
        alternatives: What the host offers instead, in its own words.
    """

    order: OrderId
    line: LineId
    sku: Sku
    customer: str
    unit: Unit
    ordered: int
    shipped: int
    cancelled: int
    ready: int
    dated: tuple[DatedUnits, ...]
    without_date: int
    changed: tuple[MovedUnits, ...]
    response: ResponseKind
    answer_by: datetime | None
    asked: int
    lapsing: int
    causes: tuple[Cause, ...]
    alternatives: tuple[str, ...]


def message_for(
    ledger: PromiseLedger,
    order: OrderId,
    line: LineId,
    *,
    state: Snapshot | Book,
    alternatives: Iterable[str] = (),
) -> PromiseMessage:
    """
    Say how a line stands, and what is new since the customer was told before.

    Args:
        ledger: What was said.
        order: Whose order.
        line: Which line of it.
        state: What is true now.
        alternatives: What the host offers instead.

    Raises:
        InvalidValueError: if there is no such line, or an argument is none of these.
    """
    if not isinstance(ledger, PromiseLedger):
        raise not_a("ledger", ledger, "PromiseLedger")
    require_source(state)
    offered = as_tuple("alternatives", alternatives)
    problems: list[InvalidValueError] = []
    for each in offered:
        check_text(problems, "alternatives", each)
    raise_first(problems)
    mine = [each for each in ledger.latest if (each.order, each.line) == (order, line)]
    if isinstance(state, Snapshot):
        return _message(ledger, (order, line), ground_of(state, [order]), mine, offered)
    return _message(ledger, (order, line), ground_of(state, [order]), mine, offered)


def promise_messages(
    ledger: PromiseLedger, *, state: Snapshot | Book
) -> tuple[PromiseMessage, ...]:
    """
    Give a message for each line of which the last facts gave the customer something to hear.

    Args:
        ledger: What was said, after these facts.
        state: What is true after them.

    Raises:
        InvalidValueError: if an argument is none of these.

    >>> from backorderkit import Fifo, Order, PlaceOrder, answer
    >>> from backorderkit import ReceiptId, ScheduledReceipt
    >>> from backorderkit.model import read_time
    >>> coming = ScheduledReceipt(
    ...     id=ReceiptId("PO-7"), sku=Sku("MUG"), quantity=4, due=read_time("2026-01-12")
    ... )
    >>> shop = Snapshot.of(as_of="2026-01-05", stock={"MUG": 2}, receipts=[coming])
    >>> placed = PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 5}))
    >>> found = answer(shop, placed, policy=Fifo())
    >>> ledger = PromiseLedger().after(found.changes, before=shop, id="web-4711")
    >>> for message in promise_messages(ledger, state=found.outcome):
    ...     print(in_english(message))
    Your order SO-1, 5 pcs of MUG: 2 pcs are ready. 3 pcs are expected on 2026-01-12.
    """
    if not isinstance(ledger, PromiseLedger):
        raise not_a("ledger", ledger, "PromiseLedger")
    require_source(state)
    changes = dict[LineKey, list[PromiseChange]]()
    for each in ledger.latest:
        changes.setdefault((each.order, each.line), []).append(each)
    heard = {key: mine for key, mine in sorted(changes.items()) if _is_news(mine)}
    orders = [order for order, _ in heard]
    if isinstance(state, Snapshot):
        return tuple(_messages(ledger, heard, ground_of(state, orders)))
    return tuple(_messages(ledger, heard, ground_of(state, orders)))


def in_english(message: PromiseMessage) -> str:
    """
    Write a message in plain English, on one line: an example of what a template does.

    Days are those of UTC, and nothing is said of other customers.
    """
    return " ".join(_sentences(message))


def _messages(
    ledger: PromiseLedger,
    changes: Mapping[LineKey, Sequence[PromiseChange]],
    ground: Ground[_Source],
) -> Iterator[PromiseMessage]:
    for key, mine in changes.items():
        yield _message(ledger, key, ground, mine, ())


def _message(
    ledger: PromiseLedger,
    key: LineKey,
    ground: Ground[_Source],
    mine: Sequence[PromiseChange],
    alternatives: tuple[str, ...],
) -> PromiseMessage:
    standing, order = ground.standing(*key), ground.order(key[0])
    line = standing.line
    if line is None or order is None:
        raise InvalidValueError(field="line", value=key[1], reason="must name an order line")
    known = ledger.find_line(*key)
    if known is None and standing.backorder is not None:
        # It waits, though nobody told this ledger.
        known = line_of(standing.backorder, line.sku)
    waiting = () if known is None else known.waiting
    asked = [each for each in waiting if each.asked != "nothing"]
    times = [each.answer_by for each in asked if each.answer_by is not None]
    answer_by = min(times, default=None)
    response = max((each.asked for each in asked), key=RESPONSES.index, default=None)
    is_news = _is_news(mine)
    if response is None:
        response = "tell" if is_news else "nothing"
    return PromiseMessage(
        order=key[0],
        line=key[1],
        sku=line.sku,
        customer=order.customer,
        unit=item_of(ground, line.sku).measure,
        ordered=line.ordered,
        shipped=line.shipped,
        cancelled=line.cancelled,
        ready=sum(each.quantity for each in standing.allocations),
        dated=tuple(_by_day(waiting)),
        without_date=sum(each.quantity for each in waiting if each.due is None),
        changed=known.news if is_news and known is not None else (),
        response=response,
        answer_by=answer_by,
        asked=sum(each.quantity for each in asked),
        lapsing=sum(each.quantity for each in asked if answer_by and each.answer_by == answer_by),
        causes=tuple(dict.fromkeys(cause for each in mine for cause in each.causes)),
        alternatives=alternatives,
    )


def _is_news(changes: Iterable[PromiseChange]) -> bool:
    return any(each.response != "nothing" for each in changes)


def _by_day(waiting: Iterable[TrackedUnits]) -> Iterator[DatedUnits]:
    dated = [
        DatedUnits(quantity=each.quantity, due=each.due) for each in waiting if each.due is not None
    ]
    for _, group in groupby(dated, key=lambda each: day_of(each.due)):
        own = list(group)
        # The last of a day: by then all of it is there.
        yield DatedUnits(quantity=sum(each.quantity for each in own), due=own[-1].due)


def _sentences(message: PromiseMessage) -> Iterator[str]:
    def sized(quantity: int) -> str:
        return f"{message.unit.to_text(quantity)} {message.unit.name}"

    parts = [f"{sized(each.quantity)} are expected on {_day(each.due)}" for each in message.dated]
    for quantity, text in (
        (message.shipped, "have been sent"),
        (message.ready, "are ready"),
        (message.cancelled, "are cancelled"),
    ):
        if quantity:
            parts.insert(0, f"{sized(quantity)} {text}")
    if message.without_date:
        parts.append(f"{sized(message.without_date)} have no date yet")
    yield f"Your order {message.order}, {sized(message.ordered)} of {message.sku}:"
    yield f"{'. '.join(parts)}."
    before = [each for each in message.changed if each.before is not None]
    if before:
        told = [f"{sized(each.quantity)} on {_day(each.before)}" for each in before]
        yield f"Before, we told you {' and '.join(told)}."
        reasons = dict.fromkeys(_REASONS[cause.kind] for cause in message.causes)
        if reasons:
            yield f"The reason: {'; '.join(reasons)}."
    if message.asked:
        yield f"Do you still want {sized(message.asked)}?"
    if message.answer_by is not None:
        lost = "them" if message.lapsing == message.asked else sized(message.lapsing)
        yield f"If we do not hear from you by {_day(message.answer_by)}, we cancel {lost}."
    if message.alternatives:
        yield f"Instead we can offer: {', '.join(message.alternatives)}."


def _day(when: datetime | None) -> str:
    return "" if when is None else f"{when:%Y-%m-%d}"


_REASONS: Final[dict[CauseKind, str]] = {
    "receipt_later": "a delivery to us is late",
    "receipt_overdue": "a delivery to us is late",
    "receipt_earlier": "a delivery to us comes earlier",
    "receipt_shrunk": "a delivery to us is smaller than expected",
    "receipt_grown": "a delivery to us is larger than expected",
    "receipt_new": "we expect a new delivery",
    "receipt_gone": "a delivery to us will not come",
    "received": "a delivery has arrived",
    "adjusted": "we counted our stock",
    "transferred": "stock was moved",
    "held": "units are set aside",
    "unheld": "units that were set aside are free",
    "cancelled": "units of another order became free",
    "released": "units of another order became free",
    "served_before": "other orders come first",
    "gave_way": "units of another order became free",
}
