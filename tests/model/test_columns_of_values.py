"""Values made of columns are those that the constructors make, and are refused as by them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from backorderkit import InvalidValueError, LineId, Order, OrderLine, Sku
from backorderkit.model._bulk import each_of, lines_of, orders_of

Fields = dict[str, object]
IDS = st.sampled_from(["1", "2", "10", "", "\ud800", "é", "\x00"])
WHOLE = st.sampled_from([-1, 0, 1, 2, 3, 2**63 - 1, 2**63, -(2**63)])
TIMES = st.sampled_from(
    [
        datetime(2026, 1, 5, tzinfo=UTC),
        datetime(2026, 1, 5, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 1, 5),  # noqa: DTZ001 - naive, to be refused
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    ]
)
LINE = st.fixed_dictionaries(
    {"id": IDS, "sku": IDS, "ordered": WHOLE},
    optional={
        "location": st.none() | IDS,
        "shipped": WHOLE,
        "cancelled": WHOLE,
        "requested": st.none() | TIMES,
        "unit_price": st.none() | st.just(Decimal(1)),
        "currency": st.none() | IDS,
        "placed_at": st.none() | TIMES,
        "cancel_after": st.none() | TIMES,
    },
)
LINES = st.lists(
    st.builds(
        lambda id_, day: OrderLine(
            id=LineId(id_),
            sku=Sku("MUG"),
            ordered=1,
            placed_at=day and datetime(2026, 1, day, tzinfo=UTC),
        ),
        st.sampled_from(["1", "10", "2"]),
        st.sampled_from([None, 4, 5, 6]),
    ),
    max_size=3,
).map(tuple)
ORDER = st.fixed_dictionaries(
    {"id": IDS, "placed_at": TIMES, "lines": LINES},
    optional={"sequence": WHOLE, "priority": WHOLE, "customer": IDS, "channel": IDS},
)


def columns(rows: list[Fields]) -> dict[str, list[object]]:
    names = set(rows[0]).intersection(*rows)
    return {name: [row[name] for row in rows] for name in sorted(names)}


def outcome(make: Callable[[], object]) -> object:
    try:
        return make()
    except InvalidValueError as error:
        return [str(problem) for problem in error.problems]


@given(st.lists(LINE, min_size=1, max_size=3))
def test_lines(rows: list[Fields]) -> None:
    given_ = columns(rows)

    assert outcome(lambda: lines_of(given_)) == outcome(lambda: each_of(OrderLine, given_))


@given(st.lists(ORDER, min_size=1, max_size=3))
def test_orders(rows: list[Fields]) -> None:
    given_ = columns(rows)

    assert outcome(lambda: orders_of(given_)) == outcome(lambda: each_of(Order, given_))
