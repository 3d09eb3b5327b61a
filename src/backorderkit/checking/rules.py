"""The rules of a plan as the checker understands them: plain values, read literally."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import attrs

from backorderkit.model.backorders import Promise
from backorderkit.model.ids import Location, Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LineKey

Value = str | int | Decimal | datetime
"""What an attribute of a line may be."""

GroupValue = str | int
"""What an attribute may be that makes groups."""

_WEEK = 7
_YEAR = 12


def day_of(moment: datetime) -> int:
    """Count the days, in UTC, as `datetime.date.toordinal` does."""
    return moment.astimezone(UTC).date().toordinal()


def start_of(day: int) -> datetime:
    """Give the first moment of a day."""
    return datetime.fromordinal(day).replace(tzinfo=UTC)


def value_of(attribute: str, order: Order, line: OrderLine) -> Value | None:
    """Read an attribute of a line: its own, or else its order's; an empty text is None."""
    found: Value | None
    if attribute in {"order", "line"}:
        found = order.id if attribute == "order" else line.id
    elif attribute == "placed_at":
        found = line.placed_at or order.placed_at
    elif attribute in {"customer", "channel", "priority", "sequence"}:
        found = getattr(order, attribute)
    else:
        found = getattr(line, attribute)
    return None if found == "" else found


def group_value_of(attribute: str, order: Order, line: OrderLine) -> GroupValue:
    """Read an attribute that makes groups; one that a line lacks is an empty text."""
    found = value_of(attribute, order, line)
    return found if isinstance(found, str | int) else ""


@attrs.frozen(kw_only=True)
class AgreedCondition:
    """
    What one attribute of a line must be; all that is given must hold.

    Attributes:
        attribute: Which, by its name in the model; ``order`` and ``line`` are ids.
        one_of: It is one of these.
        starts_with: It starts so.
        least: It is so much or more.
        most: It is so much or less.
        from_day: Its day is so many days from today, or later.
        to_day: Its day is so many days from today, or earlier.
        given: Whether there is one at all.
    """

    attribute: str
    one_of: tuple[Value, ...] | None = None
    starts_with: str | None = None
    least: Value | None = None
    most: Value | None = None
    from_day: int | None = None
    to_day: int | None = None
    given: bool | None = None

    def holds(self, order: Order, line: OrderLine, today: int) -> bool:
        """Tell whether a line meets it."""
        value = value_of(self.attribute, order, line)
        if value is None:
            return self.given is False
        if self.given is False:
            return False
        if self.one_of is not None and value not in self.one_of:
            return False
        if self.starts_with is not None and not str(value).startswith(self.starts_with):
            return False
        if self.least is not None and not _ascends(self.least, value):
            return False
        if self.most is not None and not _ascends(value, self.most):
            return False
        if isinstance(value, datetime):
            days = day_of(value) - today
            if self.from_day is not None and days < self.from_day:
                return False
            if self.to_day is not None and days > self.to_day:
                return False
        return True


def _ascends(low: Value, high: Value) -> bool:
    if isinstance(low, datetime) and isinstance(high, datetime):
        return low <= high
    if isinstance(low, str) and isinstance(high, str):
        return low <= high
    if isinstance(low, int | Decimal) and isinstance(high, int | Decimal):
        return low <= high
    return False


@attrs.frozen(kw_only=True)
class AgreedContract:
    """
    What a line is owed when it is planned again, and what it may gain.

    Attributes:
        floor: ``"none"``, ``"keep-if-possible"``, ``"keep-or-raise"`` or
            ``"full-or-raise"``.
        cap: ``"none"``, ``"not-better"`` or ``"nothing"``.
    """

    floor: str = "none"
    cap: str = "none"


@attrs.frozen(kw_only=True)
class AgreedShipping:
    """
    Which part of what a line still wants it may be given at once.

    Attributes:
        whole: Nothing but all of it.
        minimum: No part is smaller, and neither is what is left.
        multiple: Parts are multiples of it, but for the last.
    """

    whole: bool = False
    minimum: int = 1
    multiple: int = 1

    def allows(self, part: int, want: int) -> bool:
        """Tell whether a part may go of what a line still wants."""
        if part in {0, want}:
            return True
        left = want - part
        fits = part >= self.minimum and left >= self.minimum and part % self.multiple == 0
        return fits and not self.whole

    def largest(self, most: int, want: int) -> int:
        """Give the largest part up to a size that may go, by trying them."""
        part = min(most, want)
        if self.whole and part < want:
            return 0
        while part and not self.allows(part, want):
            part -= 1 if part % self.multiple == 0 else part % self.multiple
        return part


def any_part(order: Order, line: OrderLine) -> AgreedShipping:  # noqa: ARG001 - of any line
    """Let any part of any line go."""
    return AgreedShipping()


@attrs.frozen(kw_only=True)
class AgreedReserve:
    """
    From which day on a line may take.

    Attributes:
        method: ``"at-once"``, ``"days-before"`` its requested day, or ``"by-hand"``.
        days: So many days before.
    """

    method: str = "at-once"
    days: int = 0

    def opens(self, line: OrderLine, today: int) -> int | None:
        """Give the first such day; None is never."""
        if self.method == "by-hand":
            return None
        if self.method == "at-once" or line.requested is None:
            return today
        return max(today, day_of(line.requested) - self.days)


@attrs.frozen(kw_only=True)
class AgreedSegment:
    """
    Lines that meet some conditions, and what holds for them.

    Attributes:
        name: Unique.
        include: They meet all of these.
        exclude: And none of these.
        contract: Theirs, if they have one.
        shipping: Theirs; None is that of the whole.
        reserve: Theirs; None is that of the whole.
    """

    name: str
    include: tuple[AgreedCondition, ...] = ()
    exclude: tuple[AgreedCondition, ...] = ()
    contract: AgreedContract | None = None
    shipping: AgreedShipping | None = None
    reserve: AgreedReserve | None = None

    def has(self, order: Order, line: OrderLine, today: int) -> bool:
        """Tell whether a line matches."""
        return all(each.holds(order, line, today) for each in self.include) and not any(
            each.holds(order, line, today) for each in self.exclude
        )


@attrs.frozen(kw_only=True)
class AgreedQuota:
    """
    The most that groups of lines get in a period, of each SKU.

    Attributes:
        name: Unique.
        by: The attributes that make the groups.
        rooms: Units for each group, or for the periods that begin on these days;
            ``"*"`` is any value.
        period: ``"day"``, ``"week"``, ``"month"``, or None: one for all time.
        back: So many past periods whose room may be used still.
        ahead: So many later periods that may be used.
        factor: Room that one unit uses.
        skus: Which; None is all.
        used: Units that groups had, by values and first day of the period.
    """

    name: str
    by: tuple[str, ...]
    rooms: Mapping[tuple[GroupValue, ...], int | Mapping[date, int]] = attrs.field(hash=False)
    period: str | None = None
    back: int = 0
    ahead: int = 0
    factor: int = 1
    skus: frozenset[Sku] | None = None
    used: Mapping[tuple[tuple[GroupValue, ...], date | None], int] = attrs.field(
        factory=dict, hash=False
    )

    def entry_of(self, values: tuple[GroupValue, ...]) -> tuple[GroupValue, ...] | None:
        """Give the closest entry that fits: own values count more the further in front."""
        fitting = [
            entry
            for entry in self.rooms
            if all(mine in ("*", value) for mine, value in zip(entry, values, strict=True))
        ]
        return min(fitting, key=lambda entry: [mine == "*" for mine in entry], default=None)

    def entry_for(self, order: Order, line: OrderLine) -> tuple[GroupValue, ...] | None:
        """Give the entry that a line falls under, if it is concerned at all."""
        if self.skus is not None and line.sku not in self.skus:
            return None
        return self.entry_of(tuple(group_value_of(each, order, line) for each in self.by))

    def number_of(self, day: int) -> int:
        """Number the period of a day."""
        if self.period == "day":
            return day
        if self.period == "week":
            return (day - 1) // _WEEK
        if self.period == "month":
            begin = date.fromordinal(day)
            return begin.year * _YEAR + begin.month - 1
        return 0

    def room_in(self, entry: tuple[GroupValue, ...], number: int) -> int:
        """Give the room that a period brings to an entry."""
        room = self.rooms[entry]
        if isinstance(room, int):
            return room
        return sum(
            units for day, units in room.items() if self.number_of(day.toordinal()) == number
        )

    def used_by(self, entry: tuple[GroupValue, ...]) -> dict[int, int]:
        """Give the room that an entry's lines had already, by period."""
        used = dict[int, int]()
        for (values, start), units in self.used.items():
            if self.entry_of(values) == entry:
                number = 0 if start is None else self.number_of(start.toordinal())
                used[number] = used.get(number, 0) + units * self.factor
        return used

    def free_in(self, entry: tuple[GroupValue, ...], number: int, booked: Mapping[int, int]) -> int:
        """
        Give the room that a period may use, after what was booked in those before it.

        Room is used oldest first, period by period; what does not fit is not remembered.
        """
        left = dict[int, int]()

        def usable(at: int) -> list[int]:
            window = range(at - self.back, at + 1) if self.period else range(at, at + 1)
            for each in window:
                left.setdefault(each, self.room_in(entry, each))
            return list(window)

        for at in sorted(each for each in booked if each < number):
            gone = booked[at]
            for each in usable(at):
                part = min(gone, left[each])
                left[each] -= part
                gone -= part
        return sum(left[each] for each in usable(number))


@attrs.frozen(kw_only=True)
class AgreedProtection:
    """
    Units of each SKU that others must leave to a group of lines.

    Attributes:
        name: Unique.
        group: The values by attribute that its lines have.
        quantity: How many units.
        rank: 1 is the highest.
        family: Only within it ranks count.
        from_day: The first day; None is always.
        until: The last day; None is never.
        skus: Which; None is all.
        used: Units that the group had already.
        restricted: Whether its rank counts for no more than what remains of it.
    """

    name: str
    group: Mapping[str, frozenset[GroupValue]] = attrs.field(hash=False)
    quantity: int
    rank: int = 1
    family: str = ""
    from_day: date | None = None
    until: date | None = None
    skus: frozenset[Sku] | None = None
    used: int = 0
    restricted: bool = False

    def has(self, order: Order, line: OrderLine) -> bool:
        """Tell whether a line is of the group."""
        return all(
            group_value_of(attribute, order, line) in allowed
            for attribute, allowed in self.group.items()
        )

    def is_over(self, day: int) -> bool:
        """Tell whether its last day is past."""
        return self.until is not None and self.until.toordinal() < day

    def is_in_force(self, sku: Sku, day: int) -> bool:
        """Tell whether it protects units of a SKU on a day."""
        return (
            (self.skus is None or sku in self.skus)
            and (self.from_day is None or self.from_day.toordinal() <= day)
            and (self.until is None or day <= self.until.toordinal())
        )


@attrs.frozen(kw_only=True)
class AgreedBuffer:
    """
    A percentage that nobody gets, rounded up.

    Attributes:
        name: Unique.
        percent: From 0 to 100.
        of: ``"on-hand"``, ``"receipts"`` or ``"both"``.
        skus: Which; None is all.
        locations: Where; None is everywhere.
    """

    name: str
    percent: Fraction
    of: str = "on-hand"
    skus: frozenset[Sku] | None = None
    locations: frozenset[Location] | None = None


@attrs.frozen(kw_only=True)
class AgreedTogether:
    """
    Lines that ship together.

    Attributes:
        group_of: Names the group of a line; None is no group.
        shipments: In how many at most.
    """

    group_of: Callable[[Order, OrderLine], str | None]
    shipments: int = 1


@attrs.frozen(kw_only=True)
class AgreedFreeze:
    """
    Which lines keep what they have, whatever their contract.

    Attributes:
        lines: These.
        orders: And those of these orders.
        within_days: And those with a date so many days from today, or earlier; None is
            none.
        by: Whose date: ``"promised"``, ``"requested"`` or ``"either"``.
    """

    lines: frozenset[LineKey] = frozenset()
    orders: frozenset[str] = frozenset()
    within_days: int | None = None
    by: str = "either"

    def holds(
        self, order: Order, line: OrderLine, promises: tuple[Promise, ...], today: int
    ) -> bool:
        """Tell whether a line that was told this is frozen."""
        if order.id in self.orders or (order.id, line.id) in self.lines:
            return True
        dates: list[datetime] = []
        if self.by != "requested":
            dates += [each.due for each in promises]
        if self.by != "promised" and line.requested is not None:
            dates.append(line.requested)
        within = self.within_days
        return within is not None and any(day_of(each) <= today + within for each in dates)


@attrs.frozen(kw_only=True)
class AgreedRules:
    """
    The rules that a plan is said to keep to; `backorderkit.formats.rules_to_check` makes them.

    Attributes:
        segments: The first that a line matches is its own.
        quotas: The most that groups get.
        protections: What others must leave.
        buffers: What nobody gets.
        reserve: When lines may take whose segment does not say.
        shipping: Which parts of lines may go whose segment does not say, line by line.
        waits: Whether the queue waits behind who cannot be served by a ship rule.
        in_order: Whether all policies serve in an order, and so hold nothing back.
        together: Which lines ship together, if any do.
        freeze: Which lines keep what they have.
    """

    segments: tuple[AgreedSegment, ...] = ()
    quotas: tuple[AgreedQuota, ...] = ()
    protections: tuple[AgreedProtection, ...] = ()
    buffers: tuple[AgreedBuffer, ...] = ()
    reserve: AgreedReserve = AgreedReserve()
    shipping: Callable[[Order, OrderLine], AgreedShipping] = any_part
    waits: bool = False
    in_order: bool = False
    together: AgreedTogether | None = None
    freeze: AgreedFreeze = AgreedFreeze()

    def withheld(self, sku: Sku, location: Location, quantity: int, what: str) -> int:
        """Say how many units of a pool, or of what arrives there, buffers withhold."""
        concerned = [
            each
            for each in self.buffers
            if each.of in {what, "both"}
            and (each.skus is None or sku in each.skus)
            and (each.locations is None or location in each.locations)
        ]
        # The closest one counts: it names the SKU, or else the location; of two the first.
        closest = min(
            concerned, key=lambda each: (each.skus is None, each.locations is None), default=None
        )
        if closest is None or quantity <= 0:
            return 0
        return -(-closest.percent.numerator * quantity // (closest.percent.denominator * 100))
