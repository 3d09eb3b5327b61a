"""Which locations units come from: what a placing is asked, and what it must answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

import attrs

from backorderkit.errors import InvalidValueError, PolicyViolationError, shown
from backorderkit.model._checks import Problems, check_whole, raise_first
from backorderkit.model.ids import Location
from backorderkit.model.orders import Order, OrderLine

Places = tuple[tuple[Location, int], ...]
"""Quantities by location, sorted by their names."""

NOTHING_HELD: Final[Mapping[Location, int]] = MappingProxyType({})
NO_PLACES: Final = frozenset[Location]()


@attrs.frozen(kw_only=True)
class ToPlace:
    """
    One line that gets units, for which somebody has to say where from.

    Attributes:
        order: The whole order.
        line: The line of it.
        share: How many units it gets, at least 1: that is decided.
        site: The only location they may come from, or None for any: what the line is
            bound to; or, where lines are not split, where it has units already.
        held: What it has where already, if anything.
        used: From where other lines of its order for the same SKU have units already.
    """

    order: Order
    line: OrderLine
    share: int
    site: Location | None = None
    held: Mapping[Location, int] = NOTHING_HELD
    used: frozenset[Location] = NO_PLACES

    @classmethod
    def of(
        cls,
        id: str,  # noqa: A002 - the documents' name
        share: int,
        *,
        site: str | None = None,
        held: Mapping[str, int] | None = None,
    ) -> ToPlace:
        """
        Make one without an order around it, for tests of a placing.

        Args:
            id: The order's id; the line is ``"1"``, the SKU ``"SKU"``.
            share: How many units it gets.
            site: The only location they may come from.
            held: What it has where already.

        Raises:
            InvalidValueError: if *share* is no whole number of at least 1, or an id is
                empty.

        >>> ToPlace.of("A", 5).line.ordered
        5
        """
        problems: Problems = []
        check_whole(problems, "share", share, least=1)
        raise_first(problems)
        before = {Location(name): units for name, units in (held or {}).items()}
        order = Order.of(id, "2026-01-01", {"SKU": share + sum(before.values())})
        bound = None if site is None else Location(site)
        return cls(order=order, line=order.lines[0], share=share, site=bound, held=before)


@runtime_checkable
class Placing(Protocol):
    """
    Says from which locations the units come that lines get.

    How many each line gets is decided before, by the policy.  It is asked about one
    SKU at a time, where more than one location has units of it.

    Clauses; `plan` checks L1 to L4 and L6 on every answer, and
    `backorderkit.testing.check_placing` checks all of them:

    L1
        One answer for each line, in the order in which they were given: a mapping of
        locations to whole numbers of at least 1.
    L2
        What a line gets in all is its share.
    L3
        A line with a site gets all of its share there.
    L4
        No location gives more than it has.
    L5
        The same question gets the same answer, whatever order the locations are listed
        in: no clock, no randomness, nothing remembered between calls.  Ties end in the
        location's name.
    L6
        Where the placing says ``splits = False``, a line gets units from one location
        at most.  It may get less than its share then, but only if it leaves nothing
        where it gets some; and nothing only if nothing is left anywhere.

    Lines come in the order in which they choose: oldest first; where lines are not
    split and the policy serves in an order, in that.

    Optional attributes: ``name`` (a str, shown in plans; else the class name) and
    ``splits`` (a bool): False says that it holds units back rather than split a line.

    >>> class Eastward:
    ...     def place(self, supply, lines, /):
    ...         left, answers = dict(supply), []
    ...         for line in sorted(lines, key=lambda line: line.site is None):
    ...             share, answer = line.share, {}
    ...             for at in [line.site] if line.site else sorted(left, reverse=True):
    ...                 units = min(share, left[at])
    ...                 if units:
    ...                     answer[at] = units
    ...                     left[at] -= units
    ...                     share -= units
    ...             answers.append((line, answer))
    ...         return [next(a for other, a in answers if other is line) for line in lines]
    >>> Eastward().place({"EAST": 3, "WEST": 2}, [ToPlace.of("A", 4)])
    [{'WEST': 2, 'EAST': 2}]
    """

    def place(
        self, supply: Mapping[Location, int], lines: Sequence[ToPlace], /
    ) -> Sequence[Mapping[Location, int]]:
        """Answer with the units by location of each line."""
        ...


def require_placing(placing: object) -> None:
    """
    Refuse what is no placing, such as the class of one.

    Raises:
        InvalidValueError: if it is none.
    """
    places = isinstance(placing, Placing) and callable(placing.place)
    if isinstance(placing, type) or not places:
        reason = "must be a placing: an object with place(supply, lines)"
        raise InvalidValueError(field="placing", value=placing, reason=reason)


def placing_name(placing: Placing) -> str:
    """Give a placing's own name, or else that of its class."""
    name = getattr(placing, "name", None)
    return name if isinstance(name, str) and name else type(placing).__name__


def may_split(placing: Placing) -> bool:
    """Tell whether a placing may give a line units of several locations."""
    return getattr(placing, "splits", True) is not False


def verified_places(
    placing: Placing, supply: Mapping[Location, int], lines: Sequence[ToPlace]
) -> list[Places]:
    """
    Ask a placing and check its answer against the clauses L1 to L4 and L6.

    Raises:
        PolicyViolationError: naming the first clause that the answer broke.
        Exception: whatever the placing raised, with the question as a note.
    """
    try:
        answer: object = placing.place(MappingProxyType(dict(supply)), tuple(lines))
    except Exception as error:
        error.add_note(f"placing {placing_name(placing)!r} was {_question(supply, lines)}")
        raise
    places = _places_of(answer, lines)
    if not isinstance(places, str):
        fault = _fault_of(places, supply, lines, splits=may_split(placing))
        if fault is None:
            return places
        clause, what = fault
    else:
        clause, what = "L1", places
    raise PolicyViolationError(
        policy=placing_name(placing),
        clause=clause,
        detail=f"{_question(supply, lines)}, it {what}",
    )


def _places_of(answer: object, lines: Sequence[ToPlace]) -> list[Places] | str:
    """Give the places of each line, or say what is no such answer."""
    if not isinstance(answer, Sequence) or len(answer) != len(lines):
        return f"answered {shown(answer)}, not one mapping for each line"
    places: list[Places] = []
    for line, each in zip(lines, answer, strict=True):
        if not isinstance(each, Mapping):
            return f"answered {shown(each)} for {_called(line)}, not a mapping of locations"
        for location, units in each.items():
            if not isinstance(location, str) or type(units) is not int or units < 1:
                entry = f"{shown(location)}: {shown(units)}"
                return f"answered {entry} for {_called(line)}, not a location and its units"
        entries = tuple(each.items())
        places.append(entries if len(entries) < 2 else tuple(sorted(entries)))  # noqa: PLR2004
    return places


def _fault_of(
    places: Sequence[Places],
    supply: Mapping[Location, int],
    lines: Sequence[ToPlace],
    *,
    splits: bool,
) -> tuple[str, str] | None:
    """Name the first of the clauses L2 to L4 and L6 that an answer breaks, and how."""
    left = dict(supply)
    for line, own in zip(lines, places, strict=True):
        given = sum([units for _, units in own])
        site, share = line.site, line.share
        if given > share or (given < share and splits):
            return "L2", f"placed {given} for {_called(line)}, whose share is {share}"
        if site is not None and own != ((site, share),):
            return "L3", f"placed {dict(own)} for {_called(line)}, which gets all at {site}"
        for location, units in own:
            left[location] = left.get(location, 0) - units
    for location, units in left.items():
        if units < 0:
            there = supply.get(location, 0)
            return "L4", f"took {there - units} from {location}, which has {there}"
    return None if splits else _split_or_idle(places, left, lines)


def _split_or_idle(
    places: Sequence[Places], left: Mapping[Location, int], lines: Sequence[ToPlace]
) -> tuple[str, str] | None:
    idle = any(left.values())
    for line, own in zip(lines, places, strict=True):
        if len(own) > 1:
            return "L6", f"split {_called(line)}: {dict(own)}"
        if not own and idle:
            return "L6", f"placed nothing for {_called(line)}, though units are left"
        if own and own[0][1] < line.share and left[own[0][0]]:
            location, units = own[0]
            more = f"though {left[location]} more are left there"
            return "L6", f"placed only {units} at {location} for {_called(line)}, {more}"
    return None


def _called(line: ToPlace) -> str:
    return f"order {line.order.id}, line {line.line.id}"


def _question(supply: Mapping[Location, int], lines: Sequence[ToPlace]) -> str:
    return (
        f"asked to place {sum(line.share for line in lines)} units of SKU"
        f" {lines[0].line.sku} for {len(lines)} lines from {len(supply)} locations"
        f" with {sum(supply.values())}"
    )
