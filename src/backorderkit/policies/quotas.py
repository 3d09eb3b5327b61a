"""Quotas: the most that a group of lines gets in a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import product
from typing import Final, TypeAlias, TypeVar

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_text,
    check_whole,
    raise_first,
    refuse,
)
from backorderkit.model.ids import Sku
from backorderkit.policies.filling import fill_by_weight
from backorderkit.policies.grouping import (
    GROUP_ATTRIBUTES,
    GroupAttribute,
    GroupValue,
    check_names,
    check_value,
    skus_of,
)
from backorderkit.policies.keys import names_of
from backorderkit.policies.periods import PERIODS, Period, index_of, start_of

Values: TypeAlias = tuple[GroupValue, ...]
"""One value for each attribute of a quota; ``"*"`` stands for any."""

Room: TypeAlias = int | Mapping[date, int]
"""Units for each period, or for those that begin on these days and no others."""

UsedKey: TypeAlias = tuple[Values, date | None]
"""Who has had units, and when the period began; None where there is one for all time."""

_Key = TypeVar("_Key", bound=tuple[GroupValue, ...])

ANY: Final = "*"
"""Stands for any value."""

MOST_PERIODS: Final = 366
"""How many periods a quota may look back or ahead: a year of days."""

DEFAULT_AHEAD: Final = 52
"""A year of weeks: a plan without an end would promise a large order for years to come."""


def _attributes(given: Iterable[GroupAttribute]) -> tuple[GroupAttribute, ...]:
    names_of("by", given)
    return as_tuple("by", given)


def _rooms(given: Mapping[Values, Room]) -> Mapping[Values, Room]:
    if not isinstance(given, Mapping):
        raise InvalidValueError(field="rooms", value=given, reason="must be a mapping")
    return {key: dict(room) if isinstance(room, Mapping) else room for key, room in given.items()}


def _used(given: Mapping[UsedKey, int]) -> Mapping[UsedKey, int]:
    if not isinstance(given, Mapping):
        raise InvalidValueError(field="used", value=given, reason="must be a mapping")
    return dict(given)


@attrs.frozen(kw_only=True)
class Quota:
    """
    The most that groups of lines get in each period.

    It holds for each SKU by itself.  Units count in the period of the day on which
    they are given: today for stock, or the day for which they are promised.  What is
    allocated already counts as of today.  What this period has no room for is given
    in a later one, from stock that is there still or from what has come by then.
    A line that several quotas concern needs room in all of them.

    Attributes:
        name: What people call it.
        by: Which attributes make the groups.  A line that is bound to no location, or
            has no currency, has ``""`` there.
        rooms: Units for each group.  The values stand in the order of *by*; ``"*"`` is
            any value, and all lines that fall under such an entry share its one room.
            A line falls under the closest entry that fits: one with its own value in the
            first place goes before one with ``"*"`` there, whatever follows;
            then the second place counts, and so on.  Wildcards so replace values from the
            last to the first.  Lines under no entry are not limited.  A mapping of days
            gives each period its own room, and those that it does not name none.
        period: ``"day"``, ``"week"`` (from Monday), ``"month"``, all in UTC; or None:
            one room for all time.
        back: So many past periods are looked back on, and their unused room may be used
            still; the oldest goes first.  Of a past period that *used* does not name, all
            is unused.  Default 0: what is not used is gone.
        ahead: So many later periods are planned into, and nothing is given or promised
            behind them.  Default 52, a year of weeks; at most 366.
        factor: Room that one unit uses: 2 where a room of 100 is for 50 units.
        skus: For which SKUs; None is all.  A quota of several SKUs has a room for each
            of them: a shortage of one never changes another.
        used: Units that groups had already and that are allocated no more, such as
            what was shipped, by values and first day of the period in which they had
            them.  The values are an entry's, or a line's that falls under it.  It counts
            for each SKU alike; put ``"sku"`` into *by* where they differ.

    Raises:
        InvalidValueError: naming all that is wrong.

    >>> quota = Quota(
    ...     name="channels", by=["channel"], rooms={("web",): 150, ("*",): 50}, period="week"
    ... )
    >>> quota.entry_of(("web",)), quota.entry_of(("shop",))
    (('web',), ('*',))
    """

    name: str
    by: tuple[GroupAttribute, ...] = attrs.field(converter=_attributes)
    rooms: Mapping[Values, Room] = attrs.field(converter=_rooms, hash=False)
    period: Period | None
    back: int = 0
    ahead: int = DEFAULT_AHEAD
    factor: int = 1
    skus: frozenset[Sku] | None = attrs.field(default=None, converter=skus_of)
    used: Mapping[UsedKey, int] = attrs.field(factory=dict, converter=_used, hash=False)
    _masks: tuple[tuple[bool, ...], ...] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what says nothing, contradicts itself or would be ignored."""
        problems: Problems = []
        check_text(problems, "name", self.name)
        self._check_numbers(problems)
        check_names(problems, "skus", self.skus)
        if self._check_by(problems):
            self._check_rooms(problems)
            wilds = {
                tuple(value == ANY for value in key) for key in self.rooms if type(key) is tuple
            }
            masks = tuple(
                mask for mask in product((False, True), repeat=len(self.by)) if mask in wilds
            )
            object.__setattr__(self, "_masks", masks)
            self._check_used(problems)
        raise_first(problems)

    def entry_of(self, values: Values, /) -> Values | None:
        """
        Give the entry that a line with such values falls under, or None.

        O(kinds of entries by where their wildcards stand).
        """
        for mask in self._masks:
            key = tuple(ANY if wild else value for wild, value in zip(mask, values, strict=True))
            if key in self.rooms:
                return key
        return None

    def _check_numbers(self, problems: Problems) -> None:
        if self.period is not None and self.period not in PERIODS:
            refuse(problems, "period", self.period, f"must be one of {', '.join(PERIODS)}, or None")
        for field, number in (("back", self.back), ("ahead", self.ahead)):
            check_whole(problems, field, number, least=0)
            if type(number) is int and number > MOST_PERIODS:
                refuse(problems, field, number, f"must be <= {MOST_PERIODS}")
        check_whole(problems, "factor", self.factor, least=1)
        if self.period is None and self.back:
            refuse(problems, "back", self.back, "must be 0 where there is one room for all time")

    def _check_by(self, problems: Problems) -> bool:
        """Tell whether the groups are well made, so that the rest can be judged by them."""
        before = len(problems)
        if not self.by:
            refuse(problems, "by", self.by, "must name one attribute at least")
        for each in self.by:
            if each not in GROUP_ATTRIBUTES:
                refuse(problems, "by", each, f"must be one of {', '.join(GROUP_ATTRIBUTES)}")
        if len(set(self.by)) < len(self.by):
            refuse(problems, "by", self.by, "must name each attribute once")
        return len(problems) == before

    def _check_rooms(self, problems: Problems) -> None:
        if not self.rooms:
            refuse(problems, "rooms", self.rooms, "must have one entry at least")
        for key, room in self.rooms.items():
            path = f"rooms[{key!r}]"
            self._check_values(problems, "rooms", key, path)
            if not isinstance(room, Mapping):
                _check_units(problems, "rooms", room, path)
            elif self.period is None:
                refuse(problems, "rooms", room, "must be a number for all time", path)
            else:
                for start, units in room.items():
                    self._check_start(problems, "rooms", start, f"{path}[{start!r}]")
                    _check_units(problems, "rooms", units, f"{path}[{start!r}]")

    def _check_used(self, problems: Problems) -> None:
        for key, units in self.used.items():
            path = f"used[{key!r}]"
            if type(key) is not tuple or len(key) != 2:  # noqa: PLR2004 - a pair
                refuse(problems, "used", key, "must be by values and first day of a period", path)
                continue
            values, start = key
            if self._check_values(problems, "used", values, path) and self.entry_of(values) is None:
                refuse(problems, "used", values, "must fall under an entry of rooms", path)
            self._check_start(problems, "used", start, path)
            _check_units(problems, "used", units, path)

    def _check_values(self, problems: Problems, field: str, values: object, path: str) -> bool:
        before = len(problems)
        if type(values) is not tuple or len(values) != len(self.by):
            reason = f"must be a tuple with a value for each of {', '.join(self.by)}"
            refuse(problems, field, values, reason, path)
            return False
        for attribute, value in zip(self.by, values, strict=True):
            if value != ANY:
                check_value(problems, field, attribute, value, path)
        return len(problems) == before

    def _check_start(self, problems: Problems, field: str, start: object, path: str) -> None:
        if self.period is None:
            if start is not None:
                refuse(problems, field, start, "must be None for all time", path)
        elif type(start) is not date:
            refuse(problems, field, start, "must be a date", path)
        elif self.period in PERIODS:
            day = start.toordinal()
            if start_of(self.period, index_of(self.period, day)) != day:
                refuse(problems, field, start, f"must be the first day of a {self.period}", path)


def scale_rooms(rooms: Mapping[_Key, int], supply: int) -> dict[_Key, int]:
    """
    Scale rooms down to what there is, as near to the same percentage as units allow.

    For quotas or protections that were planned for more than arrived.  It is the
    arithmetic of ``FairShare()``, Webster's method: one unit more of supply lowers
    nobody's room, which rounding by largest remainders could not say.  O(n log n).

    Args:
        rooms: As in `Quota`, plain numbers.  A tie goes to the lesser key, so their
            order plays no part.
        supply: Units that there are.

    Raises:
        InvalidValueError: if a number is no whole number, or negative.

    >>> scale_rooms({("web",): 100, ("shop",): 50, ("*",): 50}, 100)
    {('web',): 50, ('shop',): 25, ('*',): 25}
    """
    problems: Problems = []
    check_whole(problems, "supply", supply, least=0)
    for key, units in rooms.items():
        _check_units(problems, "rooms", units, f"rooms[{key!r}]")
    raise_first(problems)
    # Numbers and texts do not compare, so each value says first which it is.
    keys = sorted(rooms, key=lambda key: [(type(each) is str, str(each)) for each in key])
    wanted = [rooms[key] for key in keys]
    shares = dict(zip(keys, fill_by_weight(supply, wanted, [0] * len(keys), wanted), strict=True))
    return {key: shares[key] for key in rooms}


def _check_units(problems: Problems, field: str, units: object, path: str) -> None:
    found: Problems = []
    check_whole(found, field, units, least=0)
    for each in found:
        refuse(problems, field, units, each.reason, path)
