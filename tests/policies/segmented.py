"""Drawn lines and conditions on them, and a test of each line by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from backorderkit import (
    Condition,
    InvalidValueError,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    Segment,
    Sku,
)
from backorderkit.policies import Attribute

Pair = tuple[Order, OrderLine]
Drawn = str | int | Decimal | datetime

AS_OF: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
NAIVE: Final[list[object]] = [AS_OF.replace(tzinfo=None), "2026-01-05", None]
EAST: Final = timezone(timedelta(hours=13))

TEXTS: Final[tuple[Attribute, ...]] = (
    *("order", "line", "sku", "location", "customer", "channel", "currency"),
)
WHOLE: Final[tuple[Attribute, ...]] = (
    *("priority", "sequence", "ordered", "shipped", "cancelled", "claim", "outstanding"),
)
TIMES: Final[tuple[Attribute, ...]] = ("placed_at", "requested", "cancel_after")
OPTIONAL: Final[tuple[Attribute, ...]] = (
    *("location", "customer", "channel", "requested", "cancel_after", "unit_price", "currency"),
)

# Few values, so that they meet; among times such at the edges of days.
words = st.sampled_from(["A", "AB", "ABC", "B", "1", "2"])
small = st.integers(-1, 6)
prices = st.sampled_from([Decimal(0), Decimal("1.5"), Decimal("1.50"), Decimal(2), Decimal(6)])
times = st.one_of(
    st.builds(
        lambda days, seconds: AS_OF.replace(hour=0) + timedelta(days=days, microseconds=seconds),
        st.integers(-3, 3),
        st.sampled_from([-1, 0, 1, 32_400_000_000]),
    ),
    st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]),
)


@st.composite
def order_books(draw: st.DrawFn, max_orders: int = 4) -> list[Pair]:
    """Draw the lines of a few orders, neighbours or not."""
    pairs: list[Pair] = []
    for number in range(draw(st.integers(0, max_orders))):
        placed = draw(times)
        lines = [_line(draw, each + 1, placed) for each in range(draw(st.integers(1, 2)))]
        order = Order(
            id=OrderId(f"{draw(words)}{number}"),
            customer=draw(st.one_of(st.just(""), words)),
            channel=draw(st.one_of(st.just(""), words)),
            placed_at=placed,
            sequence=draw(small),
            priority=draw(st.integers(1, 6)),
            lines=lines,
        )
        pairs += [(order, line) for line in order.lines]
    return draw(st.permutations(pairs)) if draw(st.booleans()) else pairs


def _line(draw: st.DrawFn, number: int, placed: datetime) -> OrderLine:
    claim = draw(st.integers(1, 6))
    cancelled = draw(st.integers(0, 3))
    price = draw(st.one_of(st.none(), prices))
    location = draw(st.one_of(st.none(), words))
    later = draw(times)
    return OrderLine(
        id=LineId(str(number)),
        sku=Sku(draw(words)),
        location=None if location is None else Location(location),
        ordered=claim + cancelled,
        shipped=draw(st.integers(0, claim)),
        cancelled=cancelled,
        requested=draw(st.one_of(st.none(), times)),
        cancel_after=draw(st.one_of(st.none(), times)),
        placed_at=later if later >= placed and draw(st.booleans()) else None,
        unit_price=price,
        currency=draw(words) if price is not None else draw(st.one_of(st.none(), words)),
    )


def values_of(attribute: Attribute) -> SearchStrategy[Drawn]:
    if attribute in TEXTS:
        return words
    if attribute in TIMES:
        # The same moment by another clock is the same.
        return times.map(
            lambda when: when.astimezone(EAST) if 1 < when.year < 9999 and when.hour else when
        )
    return small if attribute in WHOLE else st.one_of(small, prices)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """Draw any condition that is not refused."""
    attribute: Attribute = draw(st.sampled_from([*TEXTS, *WHOLE, *TIMES, "unit_price"]))
    values = values_of(attribute)
    if attribute in OPTIONAL and draw(st.booleans()):
        return Condition(attribute=attribute, given=draw(st.booleans()))
    listed = draw(st.one_of(st.none(), st.lists(values, min_size=1, max_size=3, unique=True)))
    if attribute in TEXTS:
        start = draw(st.one_of(st.none() if listed else words, words))
        return Condition(attribute=attribute, one_of=listed, starts_with=start)
    low, high = draw(st.one_of(st.none(), values)), draw(st.one_of(st.none(), values))
    timed = attribute in TIMES
    start_day = draw(st.one_of(st.none(), st.integers(-4, 4))) if timed else None
    end_day = draw(st.one_of(st.none(), st.integers(-4, 4))) if timed else None
    if start_day is not None and end_day is not None and start_day > end_day:
        start_day, end_day = end_day, start_day
    try:
        return Condition(
            attribute=attribute,
            one_of=listed,
            least=low,
            most=high,
            from_day=start_day,
            to_day=end_day,
        )
    except InvalidValueError:
        # Nothing was asked, or the bounds are the wrong way round.
        return Condition(
            attribute=attribute, least=high, most=draw(values) if high is None else low
        )


segments: Final[SearchStrategy[list[Segment]]] = st.lists(
    st.tuples(st.lists(conditions(), max_size=3), st.lists(conditions(), max_size=2)), max_size=4
).map(
    lambda drawn: [
        Segment(f"S{place}", include=include, exclude=exclude)
        for place, (include, exclude) in enumerate(drawn)
    ]
)

READ: Final[Mapping[Attribute, Callable[[Order, OrderLine], Drawn | None]]] = {
    "order": lambda order, line: order.id,
    "line": lambda order, line: line.id,
    "sku": lambda order, line: line.sku,
    "location": lambda order, line: line.location,
    "customer": lambda order, line: order.customer or None,
    "channel": lambda order, line: order.channel or None,
    "priority": lambda order, line: order.priority,
    "sequence": lambda order, line: order.sequence,
    "placed_at": lambda order, line: line.placed_at or order.placed_at,
    "requested": lambda order, line: line.requested,
    "cancel_after": lambda order, line: line.cancel_after,
    "ordered": lambda order, line: line.ordered,
    "shipped": lambda order, line: line.shipped,
    "cancelled": lambda order, line: line.cancelled,
    "claim": lambda order, line: line.ordered - line.cancelled,
    "outstanding": lambda order, line: line.ordered - line.cancelled - line.shipped,
    "unit_price": lambda order, line: line.unit_price,
    "currency": lambda order, line: line.currency,
}


def meets(condition: Condition, pair: Pair, as_of: datetime) -> bool:
    """Say it again, one line at a time, and by calendar days."""
    value = READ[condition.attribute](*pair)
    if condition.given is not None and (value is not None) != condition.given:
        return False
    if value is None:
        return condition.given is False
    asked = [condition.one_of is None or any(value == each for each in condition.one_of)]
    if condition.starts_with is not None:
        asked.append(str(value)[: len(condition.starts_with)] == condition.starts_with)
    if condition.least is not None:
        asked.append(_number(value) - _number(condition.least) >= 0)
    if condition.most is not None:
        asked.append(_number(condition.most) - _number(value) >= 0)
    if isinstance(value, datetime):
        days = (value.astimezone(UTC).date() - as_of.astimezone(UTC).date()).days
        asked.append(condition.from_day is None or days >= condition.from_day)
        asked.append(condition.to_day is None or days <= condition.to_day)
    return all(asked)


def _number(value: Drawn) -> Decimal:
    if isinstance(value, datetime):
        since = value - datetime(1, 1, 1, tzinfo=UTC)
        return Decimal(since // timedelta(microseconds=1))
    return Decimal(value)


def is_in(segment: Segment, pair: Pair, as_of: datetime) -> bool:
    included = [meets(each, pair, as_of) for each in segment.include]
    excluded = [meets(each, pair, as_of) for each in segment.exclude]
    return False not in included and True not in excluded
