"""The built-in placings: by a list of locations, with few shipments, near, from the fullest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal, get_args

import attrs

from backorderkit.errors import PolicyViolationError, shown
from backorderkit.model._checks import Problems, as_tuple, check_text, raise_first, refuse
from backorderkit.model.ids import Location, OrderId
from backorderkit.model.orders import Order, OrderLine
from backorderkit.policies.placing import NOTHING_HELD, ToPlace

Split = Literal["allowed", "avoid", "never"]
"""
Whether one line may get units of several locations.

``"allowed"``: as it comes.  ``"avoid"``: only where no location has all of its share.
``"never"``: it gets what one location can give, and the rest stays for others.
"""

SPLITS: Final[tuple[Split, ...]] = get_args(Split)

_Left = dict[Location, int]
_Known = Mapping[Location, int]
_Choose = Callable[[ToPlace, _Left, _Known], dict[Location, int]]
_Rank = Callable[[ToPlace, _Left], Iterable[Location]]

Cost = Callable[[Order, OrderLine, Location], int]
"""Says what it costs to send units of a line from a location: a whole number."""


def _names(names: Iterable[str] | None) -> tuple[Location, ...] | None:
    if names is None:
        return None
    if isinstance(names, str):
        problems: Problems = []
        refuse(problems, "locations", names, "must be a list of names, not one")
        raise_first(problems)
    return tuple(map(Location, as_tuple("locations", names)))


@attrs.frozen
class _Splitting:
    """What placings of ours have in common: whether they split a line."""

    split: Split = attrs.field(default="allowed", kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse what is no way to split, and whatever else is wrong."""
        problems: Problems = []
        self._check(problems)
        _check_split(problems, self.split)
        raise_first(problems)

    def _check(self, problems: Problems) -> None:
        """Refuse what is wrong besides."""

    @property
    def splits(self) -> bool:
        """Whether a line may get units of several locations."""
        return self.split != "never"


@attrs.frozen
class InLocationOrder(_Splitting):
    """
    Uses locations up in an order that is the same for all lines.

    Args:
        locations: The locations in that order.  Those that are not listed come after
            them, by name.  All go by name if absent.
        split: Whether one line may get units of several.

    Raises:
        InvalidValueError: if *locations* is no collection of names, or names one twice,
            or *split* is none of the three.

    >>> InLocationOrder().place({"EAST": 3, "WEST": 4}, [ToPlace.of("A", 4)])
    [{'EAST': 3, 'WEST': 1}]
    >>> InLocationOrder(["WEST"]).place({"EAST": 3, "WEST": 4}, [ToPlace.of("A", 4)])
    [{'WEST': 4}]
    """

    locations: tuple[Location, ...] | None = attrs.field(default=None, converter=_names)

    def _check(self, problems: Problems) -> None:
        seen = set[object]()
        for location in self.locations or ():
            check_text(problems, "locations", location)
            if location in seen:
                refuse(problems, "locations", location, "must stand there once")
            seen.add(location)

    @property
    def name(self) -> str:
        """Its name."""
        return _named("location-order", self.split)

    def place(
        self, supply: Mapping[Location, int], lines: Sequence[ToPlace], /
    ) -> Sequence[Mapping[Location, int]]:
        """Place the shares.  O(lines + locations), and O(lines x locations) where not split."""
        turns = {location: turn for turn, location in enumerate(self.locations or ())}
        last = len(turns)
        ordered = sorted(supply, key=lambda location: (turns.get(location, last), location))
        left = {location: supply[location] for location in ordered}
        return _place_each(left, lines, _chooser(lambda _, left: left, self.split))


@attrs.frozen
class FewestShipments(_Splitting):
    """
    Gives each line units of as few locations as possible.

    Lines choose one after the other.  For each one alone, the number of locations that
    it does not stand at already is the least there is, given what those before it
    left.  Whoever comes first may take what would have saved two others a parcel:
    over all lines together it is a greedy choice.

    A location that has all goes first: the one with the least, so that full ones stay
    full.  If none has, the one with the most is used up, and so on.

    Args:
        split: ``"never"``: a line gets what one location can give.  ``"avoid"`` says
            nothing more than ``"allowed"`` here.

    Raises:
        InvalidValueError: if *split* is none of the three.

    >>> FewestShipments().place({"A": 3, "B": 9, "C": 5}, [ToPlace.of("1", 4), ToPlace.of("2", 8)])
    [{'C': 4}, {'B': 8}]
    >>> FewestShipments().place({"A": 3, "B": 4, "C": 5}, [ToPlace.of("1", 8)])
    [{'C': 5, 'A': 3}]
    """

    @property
    def name(self) -> str:
        """Its name."""
        return _named("fewest-shipments", self.split)

    def place(
        self, supply: Mapping[Location, int], lines: Sequence[ToPlace], /
    ) -> Sequence[Mapping[Location, int]]:
        """Place the shares.  O(lines x locations)."""
        choose = _fewest if self.splits else _chooser(_scarcest, "never")
        return _place_each(dict(sorted(supply.items())), lines, choose)


@attrs.frozen
class NearestByCost(_Splitting):
    """
    Gives each line units of the locations that cost it the least.

    Lines choose one after the other, so the sum over all lines need not be the least.

    Args:
        cost: What a line's units cost from a location: kilometres, minutes, cents; a pure
            function.  Locations of one cost go by name.
        split: Whether one line may get units of several locations.

    Raises:
        InvalidValueError: if *cost* is no function, or *split* is none of the three.

    >>> distances = {"EAST": 40, "WEST": 900}
    >>> nearest = NearestByCost(lambda order, line, location: distances[location])
    >>> nearest.place({"EAST": 3, "WEST": 4}, [ToPlace.of("A", 4)])
    [{'EAST': 3, 'WEST': 1}]
    """

    cost: Cost

    def _check(self, problems: Problems) -> None:
        if isinstance(self.cost, type) or not callable(self.cost):
            refuse(problems, "cost", self.cost, "must be a function that gives a whole number")

    @property
    def name(self) -> str:
        """Its name."""
        return _named("nearest", self.split)

    def cost_of(self, line: ToPlace, location: Location, /) -> int:
        """
        Ask what units of a line cost from a location.

        Raises:
            PolicyViolationError: if the host's function gives no whole number.
        """
        cost: object = self.cost(line.order, line.line, location)
        if type(cost) is not int:
            where = f"order {line.order.id}, line {line.line.id} from {location}"
            detail = f"the cost of {where} is {shown(cost)}, not a whole number"
            raise PolicyViolationError(policy=self.name, clause="cost", detail=detail)
        return cost

    def place(
        self, supply: Mapping[Location, int], lines: Sequence[ToPlace], /
    ) -> Sequence[Mapping[Location, int]]:
        """
        Place the shares.  O(lines x locations x log locations), and as many costs.

        Raises:
            PolicyViolationError: if the host's function gives no whole number.
        """

        def rank(line: ToPlace, left: _Left) -> Iterable[Location]:
            return sorted(left, key=lambda location: (self.cost_of(line, location), location))

        return _place_each(dict(sorted(supply.items())), lines, _chooser(rank, self.split))


@attrs.frozen
class FullestFirst(_Splitting):
    """
    Takes from the location that has the most left at that moment; ties go by name.

    It levels the locations out, one line after the other.

    Args:
        split: Whether one line may get units of several locations.

    Raises:
        InvalidValueError: if *split* is none of the three.

    >>> FullestFirst().place({"EAST": 3, "WEST": 4}, [ToPlace.of("A", 5)])
    [{'WEST': 4, 'EAST': 1}]
    """

    @property
    def name(self) -> str:
        """Its name."""
        return _named("fullest-first", self.split)

    def place(
        self, supply: Mapping[Location, int], lines: Sequence[ToPlace], /
    ) -> Sequence[Mapping[Location, int]]:
        """Place the shares.  O(lines x locations x log locations)."""
        return _place_each(dict(sorted(supply.items())), lines, _chooser(_fullest, self.split))


def _check_split(problems: Problems, split: object) -> None:
    if split not in SPLITS:
        refuse(problems, "split", split, f"must be one of {', '.join(SPLITS)}")


def _named(name: str, split: Split) -> str:
    return {"allowed": name, "avoid": f"{name}, splits avoided", "never": f"{name}, unsplit"}[split]


def _place_each(
    left: _Left, lines: Sequence[ToPlace], choose: _Choose
) -> list[Mapping[Location, int]]:
    """
    Give lines with a site what they have no choice about, then let the others choose.

    What is left stays in the order in which it was given, without empty locations.
    """
    answers: list[Mapping[Location, int]] = [NOTHING_HELD] * len(lines)
    for place, line in enumerate(lines):
        if line.site is not None:
            answers[place] = {line.site: line.share}
            left[line.site] -= line.share
    for location in [location for location, units in left.items() if not units]:
        del left[location]
    # What lines of one order chose before each other.
    chosen = dict[OrderId, Mapping[Location, int]]()
    for place, line in enumerate(lines):
        if line.site is not None:
            continue
        order = line.order.id
        before = chosen.get(order)
        answers[place] = taken = choose(line, left, NOTHING_HELD if before is None else before)
        for location, units in taken.items():
            if left[location] == units:
                del left[location]
            else:
                left[location] -= units
        chosen[order] = taken if before is None else {**before, **taken}
    return answers


def _chooser(rank: _Rank, split: Split) -> _Choose:
    """Make the choice of a line that takes from locations as they are ranked for it."""

    def choose(line: ToPlace, left: _Left, _: _Known) -> dict[Location, int]:
        return _take(line.share, rank(line, left), left)

    def choose_one(line: ToPlace, left: _Left, before: _Known) -> dict[Location, int]:
        share = line.share
        ranked = list(rank(line, left))
        whole = [location for location in ranked if left[location] >= share]
        if whole:
            return {_nearest(line, whole, before): share}
        if split == "avoid":
            return _take(share, ranked, left)
        # max() takes the first of several.
        best = max(ranked, key=left.__getitem__, default=None)
        return {} if best is None else {best: left[best]}

    return choose if split == "allowed" else choose_one


def _nearest(line: ToPlace, ranked: Sequence[Location], before: _Known) -> Location:
    """Choose a place that the line stands at already, or else its order, or else the first."""
    for location in ranked:
        if location in line.held:
            return location
    for location in ranked:
        if location in line.used or location in before:
            return location
    return ranked[0]


def _take(share: int, ranked: Iterable[Location], left: _Left) -> dict[Location, int]:
    taken = dict[Location, int]()
    for location in ranked:
        if not share:
            break
        taken[location] = units = min(share, left[location])
        share -= units
    return taken


def _fullest(_: ToPlace, left: _Left) -> list[Location]:
    # What is left stands by name, and a stable sort keeps that among equals, either way round.
    return sorted(left, key=left.__getitem__, reverse=True)


def _scarcest(_: ToPlace, left: _Left) -> list[Location]:
    return sorted(left, key=left.__getitem__)


def _fewest(line: ToPlace, left: _Left, before: _Known) -> dict[Location, int]:
    """
    Choose the fewest locations that neither the line nor its order stands at already.

    A location alone, or several where there is something already, or one new one.  Else
    all that is where there is something already, and then the fullest: no other choice
    of as many locations gives more.
    """
    share = line.share
    known: list[Location] = []
    if line.held or line.used or before:
        places = (line.held, line.used, before)
        known = [location for location in left if any(location in each for each in places)]
        for location in sorted(known, key=left.__getitem__):
            if left[location] >= share:
                return {location: share}
        known.sort(key=left.__getitem__, reverse=True)
        if sum(left[location] for location in known) >= share:
            return _take(share, known, left)
    best = _least_that_holds(share, left)
    if best is not None:
        return {best: share}
    taken = _take(share, known, left)
    rest = share - sum(taken.values())
    others = {location: left[location] for location in left if location not in taken}
    while rest:
        best = _least_that_holds(rest, others)
        if best is None:
            best = max(others, key=others.__getitem__)
        taken[best] = units = min(rest, others.pop(best))
        rest -= units
    return taken


def _least_that_holds(share: int, left: _Left) -> Location | None:
    """Find the location with the least that is enough; the first by name of several."""
    best, least = None, 0
    for location, units in left.items():
        if units >= share and (best is None or units < least):
            best, least = location, units
    return best


IN_LOCATION_ORDER: Final = InLocationOrder()
"""By name, and split as it comes: what plans do if nobody says."""
