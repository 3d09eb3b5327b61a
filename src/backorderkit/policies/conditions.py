"""Conditions on lines: what one of their attributes must be, and how to test it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    MAX_INTEGER,
    Problems,
    as_tuple,
    check_flag,
    check_text,
    check_time,
    check_whole,
    has_sane_size,
    raise_first,
    refuse,
    require_time,
)
from backorderkit.model.orders import Order, OrderLine
from backorderkit.policies.attributes import ATTRIBUTES, KNOWN, Attribute, Kind, Value

Matcher = Callable[[Order, OrderLine], bool]
"""Tells whether a line meets something; the order is the line's."""

ValueTest = Callable[[Value | None], bool]
"""Tells whether a value does; None is none at all."""

_TICK: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)
_LAST_DAY: Final = date.max.toordinal()
_MOST_SHOWN: Final = 3


def _listed(given: Iterable[Value] | None) -> tuple[Value, ...] | None:
    """Take a list of values; a text would be taken letter by letter."""
    if given is None:
        return None
    if isinstance(given, str):
        raise InvalidValueError(field="one_of", value=given, reason="must be a list of values")
    return as_tuple("one_of", given)


@attrs.frozen(kw_only=True)
class Condition:
    """
    What one attribute of a line must be.

    All that is given must hold.  A line that has no such value meets no condition but
    ``given=False``.  Quantities are in smallest units.  Prices are compared as numbers:
    name the currency in a second condition.

    Args:
        attribute: Which: an id (``order``, ``line``, ``sku``, ``location``), ``customer``,
            ``channel``, ``priority``, ``sequence``, a time (``placed_at``: the line's own,
            or else the order's; ``requested``, ``cancel_after``), a quantity (``ordered``,
            ``shipped``, ``cancelled``, ``claim``: ordered - cancelled, ``outstanding``:
            claim - shipped), ``unit_price`` or ``currency``.
        one_of: It is one of these values.  They are kept sorted.
        starts_with: It starts so, for texts; upper and lower case differ.
        least: It is so much, or then, or more; for numbers and times.
        most: It is so much, or then, or less.
        from_day: It lies on the day so many days from today, or later; for times.  Days are
            UTC's: 0 is that of the moment it is asked at, -1 the one before.
        to_day: It lies on the day so many days from today, or earlier.
        given: True: it has a value at all.  False: it has none.

    Raises:
        InvalidValueError: with all problems: if there is no such attribute, a value is
            not of its kind, nothing is tested, or the bounds contradict each other.

    >>> soon = Condition(attribute="requested", from_day=0, to_day=7)
    >>> print(soon)
    requested is from day 0 to day 7
    >>> line = OrderLine(id="1", sku="MUG", ordered=5, requested=datetime(2026, 1, 9, tzinfo=UTC))
    >>> order = Order.of("SO-1", "2026-01-02", [line])
    >>> soon.matcher(datetime(2026, 1, 5, 9, tzinfo=UTC))(order, line)
    True
    """

    attribute: Attribute
    one_of: tuple[Value, ...] | None = attrs.field(default=None, converter=_listed)
    starts_with: str | None = None
    least: Value | None = None
    most: Value | None = None
    from_day: int | None = None
    to_day: int | None = None
    given: bool | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot be asked, and what no line or every line would meet."""
        problems: Problems = []
        if self.attribute not in ATTRIBUTES:
            reason = f"must be one of {', '.join(ATTRIBUTES)}"
            refuse(problems, "attribute", self.attribute, reason)
            raise_first(problems)
        kind = KNOWN[self.attribute].kind
        self._check_tests(problems)
        self._check_given(problems)
        self._check_values(problems, kind)
        self._check_start(problems, kind)
        self._check_bounds(problems, kind)
        self._check_days(problems, kind)
        raise_first(problems)
        self._settle()

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.attribute} is {' and '.join(self._words())}"

    def matcher(self, as_of: datetime) -> Matcher:
        """
        Make the test of a line.

        Args:
            as_of: From which moment days are counted.

        Raises:
            InvalidValueError: if it is no time, or naive.
        """
        test, read = self.test_at(as_of), KNOWN[self.attribute].read
        return lambda order, line: test(read(order, line))

    def test_at(self, as_of: datetime) -> ValueTest:
        """Make the test of a value; the matcher's other half."""
        require_time("as_of", as_of)
        if self.given is not None and not self._value_tests():
            wanted = self.given
            return lambda value: (value is not None) is wanted
        listed = None if self.one_of is None else frozenset(self.one_of)
        start = self.starts_with
        low, high = self._span(as_of)

        def test(value: Value | None) -> bool:
            return (
                value is not None
                and (listed is None or value in listed)
                and (start is None or (isinstance(value, str) and value.startswith(start)))
                and (low is None or _ascends(low, value))
                and (high is None or _ascends(value, high))
            )

        return test

    def turns_at(self, as_of: datetime) -> list[datetime]:
        """
        Give the moments at which the test of a time may begin or cease to hold.

        Between two of them, the earlier included, all times have one answer.
        """
        low, high = self._span(as_of)
        single = self.one_of or ()
        begins = [each for each in (low, *single) if isinstance(each, datetime)]
        ends = [each for each in (high, *single) if isinstance(each, datetime)]
        return begins + [end + _TICK for end in ends if end < _latest()]

    @property
    def only_lists(self) -> tuple[Value, ...] | None:
        """The values that meet it, if it is a list of them alone."""
        return self.one_of if self._value_tests() == ["one_of"] else None

    def _value_tests(self) -> list[str]:
        """Name what is asked of the value itself."""
        names = ("one_of", "starts_with", "least", "most", "from_day", "to_day")
        return [name for name in names if getattr(self, name) is not None]

    def _span(self, as_of: datetime) -> tuple[Value | None, Value | None]:
        """Give the first and the last value that may do, days counted from a moment."""
        today = as_of.astimezone(UTC).toordinal()
        low, high = self.least, self.most
        if self.from_day is not None:
            start = _start_of(today + self.from_day)
            if start is None:
                # Behind all days lies nothing: no time is both the last and the first.
                return _latest(), _earliest()
            low = _later(low, start)
        if self.to_day is not None:
            day = today + self.to_day
            start = _start_of(day)
            if day < 1:
                return _latest(), _earliest()
            if start is not None:
                high = _earlier(high, start + (_DAY - _TICK))
        return low, high

    def _settle(self) -> None:
        """Bring equal conditions into one form: times in UTC, values in order."""
        for field in ("least", "most"):
            object.__setattr__(self, field, _settled(getattr(self, field)))
        if self.one_of is not None:
            values = sorted((_settled(value) for value in self.one_of), key=_Ascending)
            object.__setattr__(self, "one_of", tuple(values))

    def _check_tests(self, problems: Problems) -> None:
        if self.given is None and not self._value_tests():
            reason = "must be tested: nothing is said of it"
            refuse(problems, "attribute", self.attribute, reason)

    def _check_given(self, problems: Problems) -> None:
        if self.given is None:
            return
        check_flag(problems, "given", self.given)
        if not KNOWN[self.attribute].may_lack:
            reason = f"must be left out: every line has {self.attribute}"
            refuse(problems, "given", self.given, reason)
        elif self.given is False and self._value_tests():
            reason = f"must not be False beside {', '.join(self._value_tests())}"
            refuse(problems, "given", self.given, reason)

    def _check_values(self, problems: Problems, kind: Kind) -> None:
        if self.one_of is None:
            return
        if not self.one_of:
            refuse(problems, "one_of", self.one_of, "must name one value at least")
        seen = list[Value]()
        for index, value in enumerate(self.one_of):
            found: Problems = []
            field = f"one_of[{index}]"
            check_value(found, field, value, kind)
            problems += found
            if not found:
                seen.append(value)
        if len(set(seen)) < len(seen):
            refuse(problems, "one_of", self.one_of, "must list each value once")

    def _check_start(self, problems: Problems, kind: Kind) -> None:
        if self.starts_with is None:
            return
        if kind != "text":
            reason = f"must be left out: {self.attribute} is no text"
            refuse(problems, "starts_with", self.starts_with, reason)
        else:
            check_text(problems, "starts_with", self.starts_with)

    def _check_bounds(self, problems: Problems, kind: Kind) -> None:
        found: Problems = []
        for field in ("least", "most"):
            value = getattr(self, field)
            if value is not None and kind == "text":
                reason = f"must be left out: {self.attribute} is a text"
                refuse(found, field, value, reason)
            elif value is not None:
                check_value(found, field, value, kind)
        problems += found
        if found or self.least is None or self.most is None:
            return
        if not _ascends(self.least, self.most):
            refuse(problems, "least", self.least, f"must be <= most = {self.most}")

    def _check_days(self, problems: Problems, kind: Kind) -> None:
        found: Problems = []
        for field in ("from_day", "to_day"):
            value = getattr(self, field)
            if value is not None and kind != "time":
                reason = f"must be left out: {self.attribute} is no time"
                refuse(found, field, value, reason)
            elif value is not None:
                check_whole(found, field, value, least=-MAX_INTEGER)
        problems += found
        if found or self.from_day is None or self.to_day is None:
            return
        if self.from_day > self.to_day:
            refuse(problems, "from_day", self.from_day, f"must be <= to_day = {self.to_day}")

    def _words(self) -> list[str]:
        words: list[str] = []
        if self.one_of is not None:
            shown = [_in_words(value) for value in self.one_of[:_MOST_SHOWN]]
            left = len(self.one_of) - len(shown)
            words.append(" or ".join([*shown, *([f"{left} more"] if left else [])]))
        if self.starts_with is not None:
            words.append(f"something that starts with {self.starts_with!r}")
        if self.least is not None:
            words.append(f"at least {_in_words(self.least)}")
        if self.most is not None:
            words.append(f"at most {_in_words(self.most)}")
        days = (("from", self.from_day), ("to", self.to_day))
        said = [f"{word} day {day}" for word, day in days if day is not None]
        if said:
            words.append(" ".join(said))
        if not words:
            words.append("given" if self.given else "not given")
        return words


def check_value(problems: Problems, field: str, value: object, kind: Kind) -> None:
    """Note it if a value is not of a kind."""
    if kind == "text":
        check_text(problems, field, value)
    elif kind == "time":
        check_time(problems, field, value)
    elif kind == "whole" or type(value) is int:
        check_whole(problems, field, value, least=-MAX_INTEGER)
    elif not isinstance(value, Decimal) or not has_sane_size(value):
        refuse(problems, field, value, "must be a whole number or a finite Decimal of sane size")


def _ascends(low: Value, high: Value) -> bool:
    """Tell whether two values of one kind are in order."""
    if isinstance(low, datetime) and isinstance(high, datetime):
        return low <= high
    if isinstance(low, str) and isinstance(high, str):
        return low <= high
    if isinstance(low, int | Decimal) and isinstance(high, int | Decimal):
        return low <= high
    return False


@attrs.frozen
class _Ascending:
    """Sorts values of one kind."""

    value: Value

    def __lt__(self, other: _Ascending) -> bool:
        return not _ascends(other.value, self.value)


def _later(one: Value | None, other: datetime) -> Value:
    return other if one is None or _ascends(one, other) else one


def _earlier(one: Value | None, other: datetime) -> Value:
    return one if one is not None and _ascends(one, other) else other


def _start_of(day: int) -> datetime | None:
    """Give midnight of a day; of one before all days the first, of one behind them none."""
    if day > _LAST_DAY:
        return None
    return datetime.fromordinal(max(day, 1)).replace(tzinfo=UTC)


def _earliest() -> datetime:
    return datetime.min.replace(tzinfo=UTC)


def _latest() -> datetime:
    return datetime.max.replace(tzinfo=UTC)


def _settled(value: Value) -> Value:
    if isinstance(value, datetime) and value.tzinfo is not UTC:
        return value.astimezone(UTC)
    return value


def _in_words(value: Value) -> str:
    if isinstance(value, datetime):
        return value.isoformat().removesuffix("+00:00") + "Z"
    return repr(value) if isinstance(value, str) else str(value)
