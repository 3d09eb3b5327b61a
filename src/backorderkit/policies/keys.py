"""What an order of service goes by: ready-made keys for `Ranked`, and a chain of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final, Literal, get_args

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, as_tuple, raise_first, refuse
from backorderkit.model.backorders import Backorder
from backorderkit.model.ids import LineId, OrderId
from backorderkit.policies.protocol import Demand
from backorderkit.policies.ranked import SortKey

FirstDate = Literal["earliest", "latest"]
"""Which date is served first."""

ListedBy = Literal["customer", "channel"]
"""What a list names."""

_LISTED_BY: Final[tuple[ListedBy, ...]] = get_args(ListedBy)
_FIRST_DATES: Final[tuple[FirstDate, ...]] = get_args(FirstDate)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


def names_of(field: str, given: Iterable[str]) -> tuple[str, ...]:
    """
    Take a list of names.

    Raises:
        InvalidValueError: if it is none, or one name that would be taken letter by letter.
    """
    if isinstance(given, str):
        raise InvalidValueError(field=field, value=given, reason="must be a list of names")
    return as_tuple(field, given)


def _values(given: Iterable[str]) -> tuple[str, ...]:
    return names_of("values", given)


def _backorders(given: Iterable[Backorder]) -> tuple[Backorder, ...]:
    return as_tuple("backorders", given)


def _keys(
    given: Iterable[Callable[[Demand], SortKey]],
) -> tuple[Callable[[Demand], SortKey], ...]:
    return as_tuple("keys", given)


@attrs.frozen
class ByPriority:
    """
    Ranks by the order's priority, 1 first.

    For chains; alone it is `Priority`.  It has no other direction: systems that
    count upwards are converted at the edge.

    >>> ByPriority()(Demand.of("A", claim=1, priority=2))
    2
    """

    ignores_quantity: ClassVar[bool] = True

    def __call__(self, demand: Demand, /) -> int:
        """Give the priority."""
        return demand.order.priority


@attrs.frozen(kw_only=True)
class _ByDate(ABC):
    """Ranks by a date; where there is none, last in either direction."""

    first: FirstDate = "earliest"

    ignores_quantity: ClassVar[bool] = True

    def __attrs_post_init__(self) -> None:
        """Refuse a direction that there is not."""
        problems: Problems = []
        if self.first not in _FIRST_DATES:
            refuse(problems, "first", self.first, f"must be one of {', '.join(_FIRST_DATES)}")
        raise_first(problems)

    def __call__(self, demand: Demand, /) -> tuple[bool, int]:
        """Give whether there is no date, and the date in microseconds."""
        date = self._date_of(demand)
        if date is None:
            return True, 0
        since = ticks(date - _EPOCH)
        return False, since if self.first == "earliest" else -since

    @abstractmethod
    def _date_of(self, demand: Demand) -> datetime | None: ...


@attrs.frozen(kw_only=True)
class ByPlaced(_ByDate):
    """
    Ranks by when the units were asked for: the line's own time, or else the order's.

    Args:
        first: ``"earliest"``, or ``"latest"``: last come, first served.

    >>> old, new = Demand.of("A", claim=5), Demand.of("B", claim=2, placed_at=_EPOCH.replace(2027))
    >>> ByPlaced(first="latest")(new) < ByPlaced(first="latest")(old)
    True
    """

    def _date_of(self, demand: Demand) -> datetime | None:
        return demand.placed_at


@attrs.frozen(kw_only=True)
class ByRequested(_ByDate):
    """
    Ranks by when the customer wants the line; who named no date comes last.

    Args:
        first: Which date comes first, ``"earliest"`` or ``"latest"``.

    >>> ByRequested()(Demand.of("A", claim=1))
    (True, 0)
    """

    def _date_of(self, demand: Demand) -> datetime | None:
        return demand.line.requested


@attrs.frozen(kw_only=True)
class ByPromised(_ByDate):
    """
    Ranks by what a line was told: the earliest of its promises; last who has none.

    A demand knows no promises, so the key is made of the memory of a snapshot, once for
    each plan.  It is an order of service only: it keeps no promise.  A line that was
    told an early date may take what a later promise needs, and two that were told one
    day go by age.  `KeepPromises` around the policy keeps them.

    Args:
        backorders: ``snapshot.backorders``: what was told.
        first: Which date comes first, ``"earliest"`` or ``"latest"``.

    >>> ByPromised(backorders=[])(Demand.of("A", claim=1))
    (True, 0)
    """

    backorders: tuple[Backorder, ...] = attrs.field(converter=_backorders, repr=False)
    _told: Mapping[tuple[OrderId, LineId], datetime] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what is no backorder."""
        super().__attrs_post_init__()
        problems: Problems = []
        told = dict[tuple[OrderId, LineId], datetime]()
        for index, known in enumerate(self.backorders):
            if not isinstance(known, Backorder):
                refuse(problems, "backorders", known, "must be a backorder", f"backorders[{index}]")
            elif known.promises:
                told[known.order, known.line] = min(each.due for each in known.promises)
        raise_first(problems)
        object.__setattr__(self, "_told", told)

    def _date_of(self, demand: Demand) -> datetime | None:
        return self._told.get((demand.order.id, demand.line.id))


@attrs.frozen(kw_only=True)
class ByList:
    """
    Ranks customers or channels as a list has them; who is not in it comes last.

    Args:
        of: What the list names: ``"customer"`` or ``"channel"``.
        values: The first is served first.  To turn it round, turn the list round.

    Raises:
        InvalidValueError: if *of* is neither, or a value is no text or comes twice.

    >>> shops_first = ByList(of="channel", values=["shop", "web"])
    >>> [shops_first(Demand.of("A", claim=1, channel=name)) for name in ("web", "shop", "")]
    [1, 0, 2]
    """

    of: ListedBy
    values: tuple[str, ...] = attrs.field(converter=_values)
    _places: Mapping[str, int] = attrs.field(init=False, repr=False, eq=False)

    ignores_quantity: ClassVar[bool] = True

    def __attrs_post_init__(self) -> None:
        """Refuse a list that says nothing or contradicts itself."""
        problems: Problems = []
        if self.of not in _LISTED_BY:
            refuse(problems, "of", self.of, f"must be one of {', '.join(_LISTED_BY)}")
        places = places_of(problems, "values", self.values)
        raise_first(problems)
        object.__setattr__(self, "_places", places)

    def __call__(self, demand: Demand, /) -> int:
        """Give the place in the list."""
        order = demand.order
        name = order.customer if self.of == "customer" else order.channel
        return self._places.get(name, len(self.values))


@attrs.frozen(kw_only=True)
class ByAge:
    """
    Ranks by priority, but a line that waits long enough passes those of the next class.

    A line goes by ``placed_at + step x priority``.  That is priority less the time
    waited in steps, for the clock is the same for all and cancels out: no policy needs
    one.  So a bound holds, and no smaller one would:

        A line of priority p placed at t is only ever served after such that were
        placed later if these have a priority q < p, and were placed before
        t + (p - q) x step.

    So whoever orders (p - 1) x step later or more never overtakes it.

    Args:
        step: How much longer a line must wait to stand level with the next class.

    Raises:
        InvalidValueError: if *step* is no time or not positive.

    >>> weekly = ByAge(step=timedelta(days=7))
    >>> waiting = Demand.of("A", claim=1, priority=2)
    >>> urgent = Demand.of("B", claim=1, priority=1, placed_at=waiting.placed_at + weekly.step)
    >>> weekly(waiting) == weekly(urgent)
    True
    """

    step: timedelta

    ignores_quantity: ClassVar[bool] = True

    def __attrs_post_init__(self) -> None:
        """Refuse a step that leads nowhere."""
        problems: Problems = []
        if not isinstance(self.step, timedelta) or self.step <= timedelta():
            refuse(problems, "step", self.step, "must be a positive timedelta")
        raise_first(problems)

    def __call__(self, demand: Demand, /) -> int:
        """Give when the line stands level with a new one of priority 0, in microseconds."""
        # In whole numbers, since a large priority would lead beyond the year 9999.
        return ticks(demand.placed_at - _EPOCH) + demand.order.priority * ticks(self.step)


@attrs.frozen(kw_only=True)
class Chain:
    """
    Ranks by the first key; where that is equal by the second, and so on.

    Where all are equal, the policy within decides: first come, first served by default.

    Args:
        keys: One at least: the ready-made ones, and functions of your own.

    Raises:
        InvalidValueError: if there is none, or one is no function.

    >>> Chain(keys=[ByPriority(), ByRequested()])(Demand.of("A", claim=1))
    (5, (True, 0))
    """

    keys: tuple[Callable[[Demand], SortKey], ...] = attrs.field(converter=_keys)

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot be asked."""
        problems: Problems = []
        if not self.keys:
            refuse(problems, "keys", self.keys, "must not be empty")
        for index, key in enumerate(self.keys):
            if not callable(key):
                reason = "must be a function of a demand"
                refuse(problems, "keys", key, reason, f"keys[{index}]")
        raise_first(problems)

    @property
    def ignores_quantity(self) -> bool:
        """Whether all of its keys do."""
        return all(getattr(key, "ignores_quantity", False) is True for key in self.keys)

    def __call__(self, demand: Demand, /) -> tuple[SortKey, ...]:
        """Give what each key says."""
        return tuple([key(demand) for key in self.keys])


def ticks(time: timedelta) -> int:
    """Count microseconds, exactly."""
    return time // _TICK


def places_of(problems: Problems, field: str, values: Iterable[object]) -> dict[str, int]:
    """Give the place of each text of a list; note what is no text or comes twice."""
    places = dict[str, int]()
    for index, value in enumerate(values):
        if not isinstance(value, str):
            refuse(problems, field, value, "must be a string", f"{field}[{index}]")
        elif value in places:
            refuse(problems, field, value, "must be listed once", f"{field}[{index}]")
        else:
            places[value] = index
    return places
