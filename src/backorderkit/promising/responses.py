"""What a host should do about a date that moved: nothing, tell, ask, or cancel in the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import attrs

from backorderkit.commands import CancelOrder
from backorderkit.model._checks import (
    Problems,
    check_time,
    raise_first,
    refuse,
    settle_in_utc,
)
from backorderkit.model.backorders import check_line_key
from backorderkit.model.ids import LineId, OrderId
from backorderkit.promising.tracked import RESPONSES, ResponseKind, TrackedUnits, days_between

_DAY: Final = timedelta(days=1)
END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)


@attrs.frozen(kw_only=True)
class ResponseRules:
    """
    From how late on a host does what about a date.

    Slips are counted in days, in UTC.  To tell or not is decided by what the customer was
    *told last*, so small slips that were not told add up.  To ask or not is decided by
    what they *agreed to*: the first date they were told, or the one they agreed to since.

    Attributes:
        tell_from: A slip of so much is told.
        tell_earlier_from: Units that come so much earlier are told; None is never.
        ask_from: A slip of so much needs the customer's consent; None is never.
        cancel_from: With a slip of so much, units are cancelled unless the customer agrees
            in time; None is never.
        without_date: What is done about units that lose their date.
        answer_within: How long the customer has to agree, from the first question to which
            silence means no.

    Raises:
        InvalidValueError: if a threshold is no time span or negative, or what is asked for
            from then on is cancelled before.

    By the rule of the United States for orders by mail, internet or telephone (16 CFR
    435.2(b)) a customer is asked about a first delay.  Up to 30 days silence agrees; with
    more, or without a date, the order is cancelled unless the customer agrees:

    >>> rules = ResponseRules(
    ...     ask_from=timedelta(days=1), cancel_from=timedelta(days=31), without_date="cancel"
    ... )
    """

    tell_from: timedelta = _DAY
    tell_earlier_from: timedelta | None = _DAY
    ask_from: timedelta | None = None
    cancel_from: timedelta | None = None
    without_date: ResponseKind = "tell"
    answer_within: timedelta = timedelta(days=7)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        _check_span(problems, "tell_from", self.tell_from)
        _check_span(problems, "answer_within", self.answer_within)
        for field in ("tell_earlier_from", "ask_from", "cancel_from"):
            if getattr(self, field) is not None:
                _check_span(problems, field, getattr(self, field))
        if self.without_date not in RESPONSES:
            reason = f"must be {', '.join(RESPONSES[:-1])} or {RESPONSES[-1]}"
            refuse(problems, "without_date", self.without_date, reason)
        asks, cancels = self.ask_from, self.cancel_from
        if not problems and asks is not None and cancels is not None and cancels < asks:
            refuse(problems, "cancel_from", cancels, "must be >= ask_from")
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Consent:
    """
    A customer agrees to what they were told last of a line.

    Attributes:
        order: Whose order.
        line: Which line of it.
        at: When.
    """

    order: OrderId
    line: LineId
    at: datetime

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_line_key(problems, self.order, self.line)
        check_time(problems, "at", self.at)
        raise_first(problems)
        settle_in_utc(self, "at")


@attrs.frozen(kw_only=True)
class DueCancellation:
    """
    Units that are to be cancelled: the customer was asked, and did not agree in time.

    Attributes:
        order: Whose order.
        line: Which line of it.
        quantity: How many, in smallest units.
        answer_by: Until when the customer could have agreed; of several times the first.
    """

    order: OrderId
    line: LineId
    quantity: int
    answer_by: datetime

    @property
    def command(self) -> CancelOrder:
        """What to ask the service to do."""
        return CancelOrder(order=self.order, line=self.line, quantity=self.quantity)


class Reply(NamedTuple):
    """What to do about units, and what is remembered of them then."""

    kind: ResponseKind
    units: TrackedUnits


def reply_to(
    rules: ResponseRules, units: TrackedUnits, due: datetime | None, at: datetime
) -> Reply:
    """Decide about units that are promised for another day from now on."""
    level = _level(rules, units, due)
    kind: ResponseKind = "nothing"
    if _is_news(rules, units, due):
        kind = max("tell", level, key=RESPONSES.index)
    elif RESPONSES.index(level) > max(1, RESPONSES.index(units.asked)):
        # Slips that were each too small to tell have come to one that is not.
        kind = level
    asks = level in {"ask", "cancel"}
    answer_by = units.answer_by
    if kind == "cancel" and answer_by is None:
        # Who was asked already keeps their time: a date that slips again and again would
        # put off the end of it for ever.
        answer_by = _latest_answer(at, rules.answer_within)
    made = attrs.evolve(
        units,
        first=units.first or due,
        due=due,
        asked=level if asks else "nothing",
        answer_by=answer_by if level == "cancel" else None,
    )
    return Reply(kind, made if kind == "nothing" else told_now(made))


def told_now(units: TrackedUnits) -> TrackedUnits:
    """Note that the customer hears of the date that units have now."""
    if units.told == units.due and units.agreed is not None:
        return units
    return attrs.evolve(units, told=units.due, agreed=units.agreed or units.due)


def agreed_now(units: TrackedUnits) -> TrackedUnits:
    """Note that the customer agrees to what they were told of units."""
    return attrs.evolve(units, agreed=units.told, asked="nothing", answer_by=None)


def is_overdue(units: TrackedUnits, as_of: datetime) -> bool:
    """Tell whether units are to be cancelled, since nobody answered in time."""
    return units.answer_by is not None and units.answer_by < as_of


def _is_news(rules: ResponseRules, units: TrackedUnits, due: datetime | None) -> bool:
    if due is None:
        return units.told is not None and rules.without_date != "nothing"
    if units.told is None:
        return True
    slip = due.date() - units.told.date()
    if slip > timedelta():
        return slip >= rules.tell_from
    earlier = rules.tell_earlier_from
    return earlier is not None and timedelta() < -slip >= earlier


def _level(rules: ResponseRules, units: TrackedUnits, due: datetime | None) -> ResponseKind:
    """Say how much a date matters, against what the customer agreed to."""
    if due is None:
        lost: ResponseKind = "nothing" if units.told is None else rules.without_date
        return max(lost, units.asked, key=RESPONSES.index)
    slip = days_between(units.agreed, due)
    if slip is None or slip <= timedelta():
        return "nothing"
    if rules.cancel_from is not None and slip >= rules.cancel_from:
        return "cancel"
    return "ask" if rules.ask_from is not None and slip >= rules.ask_from else "nothing"


def _latest_answer(at: datetime, within: timedelta) -> datetime:
    try:
        return at + within
    except OverflowError:
        # Beyond the calendar nobody waits any more.
        return END_OF_TIME


def _check_span(problems: Problems, field: str, value: object) -> None:
    if not isinstance(value, timedelta):
        refuse(problems, field, value, "must be a timedelta")
    elif value < timedelta():
        refuse(problems, field, value, "must be >= 0")
