"""Holds a placing to its contract, and shows the smallest case in which it breaks it."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Final

import attrs
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from backorderkit.errors import PolicyViolationError
from backorderkit.model import LineId, Location, Order, OrderLine, Sku
from backorderkit.model._checks import Problems, check_whole, raise_first
from backorderkit.policies import Places, Placing, ToPlace
from backorderkit.policies.placing import (
    may_split,
    placing_name,
    require_placing,
    verified_places,
)
from backorderkit.testing._cases import aligned

MAX_EXAMPLES: Final = 200
"""So many questions; each is asked in five ways, and it takes about a second."""

_SITES: Final = tuple(map(Location, ("EAST", "MAIN", "WEST")))
_MOST_LINES: Final = 4
_MOST_UNITS: Final = 4
_ORDERS: Final = ("SO-1", "SO-2", "SO-3")

_Units = tuple[int, int, int]


@attrs.frozen
class _Question:
    """What a placing may be asked."""

    supply: dict[Location, int]
    lines: tuple[ToPlace, ...]

    @property
    def case(self) -> str:
        """The question as a table."""
        columns: dict[str, list[str]] = {
            "order": [line.order.id for line in self.lines],
            "line": [line.line.id for line in self.lines],
            "share": [str(line.share) for line in self.lines],
            "site": [line.site or "-" for line in self.lines],
            "held": [_written(line.held) for line in self.lines],
            "used": [", ".join(sorted(line.used)) or "-" for line in self.lines],
        }
        return f"supply: {_written(self.supply)}\n{aligned(columns)}\n"


def check_placing(placing: Placing, *, max_examples: int = MAX_EXAMPLES) -> None:
    """
    Check that a placing keeps the clauses L1 to L6.

    It asks what `plan` may ask: one or more lines with shares that can be placed, some
    with a site, some that have units already, and one to three locations.  The
    questions are the same in every run.

    Args:
        placing: Yours.  What it says in ``splits`` counts.
        max_examples: How many questions.

    Raises:
        PolicyViolationError: if it broke its contract.  Its ``clause`` is ``L1`` to ``L6``,
            its ``detail`` the smallest case found.
        Exception: whatever the placing itself raised, with the case as a note.
        InvalidValueError: if *placing* is no placing, or the number is below 1.

    >>> from backorderkit.policies import FewestShipments
    >>> check_placing(FewestShipments())

    >>> class Nowhere:
    ...     def place(self, supply, lines, /):
    ...         return [{} for _ in lines]
    >>> check_placing(Nowhere())
    Traceback (most recent call last):
    ...
    backorderkit.errors.PolicyViolationError: policy 'Nowhere' broke L2: asked to place 1 units of SKU SKU for 1 lines from 1 locations with 1, it placed 0 for order SO-1, line 1, whose share is 1
    <BLANKLINE>
    supply: WEST 1
    order  line  share  site  held  used
    SO-1   1     1      -     -     -
    <BLANKLINE>
    """  # noqa: E501 - the message of an exception is one line
    require_placing(placing)
    problems: Problems = []
    check_whole(problems, "max_examples", max_examples, least=1)
    raise_first(problems)
    found = _search(placing, max_examples)
    if found is not None:
        raise found


class _FoundError(Exception):
    """Tells Hypothesis that an example is one."""


def _search(placing: Placing, max_examples: int) -> Exception | None:
    """Look for the smallest question that refutes a placing."""
    # As for policies: what ever refuted it does so for good, so that dice let us shrink.
    refuting = dict[str, Exception]()
    found: list[Exception] = []

    @settings(
        max_examples=max_examples,
        derandomize=True,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(_questions(splits=may_split(placing)))
    def attempt(question: _Question) -> None:
        case = question.case
        if case not in refuting:
            error = _refutation(placing, question)
            if error is None or (found and _kind(error) != _kind(found[0])):
                return
            refuting[case] = error
        found[:] = [refuting[case]]
        raise _FoundError

    try:
        attempt()
    except (_FoundError, Flaky):
        return found[0]
    return None


def _kind(error: Exception) -> object:
    return error.clause if isinstance(error, PolicyViolationError) else type(error)


def _refutation(placing: Placing, question: _Question) -> Exception | None:
    """Ask a question in all ways; say what is wrong with the answers, if anything is."""
    try:
        _ask(placing, question)
    except PolicyViolationError as error:
        detail = f"{error.detail}\n\n{question.case}"
        return PolicyViolationError(policy=error.policy, clause=error.clause, detail=detail)
    except Exception as error:  # noqa: BLE001 - whatever a foreign placing raises is passed on
        error.add_note(question.case)
        return error
    return None


def _ask(placing: Placing, question: _Question) -> None:
    supply, lines = question.supply, question.lines
    first = verified_places(placing, supply, lines)
    again = verified_places(placing, supply, lines)
    _same(placing, "when asked again", first, again)
    (line, *_) = lines
    alone = _supply_for(line)
    verified_places(placing, alone, [line])
    _same(placing, "after another question", first, verified_places(placing, supply, lines))
    made_anew = [attrs.evolve(line, held=dict(line.held)) for line in copy.deepcopy(lines)]
    _same(placing, "for equal values", first, verified_places(placing, supply, made_anew))
    backwards = dict(reversed(supply.items()))
    listed = verified_places(placing, backwards, lines)
    _same(placing, "with the locations listed backwards", first, listed)


def _supply_for(line: ToPlace) -> dict[Location, int]:
    return {line.site or _SITES[0]: line.share}


def _same(placing: Placing, when: str, one: Sequence[Places], other: Sequence[Places]) -> None:
    if one != other:
        told = [dict(each) for each in one], [dict(each) for each in other]
        raise PolicyViolationError(
            policy=placing_name(placing),
            clause="L5",
            detail=f"it answered {told[0]}, and {when} {told[1]}",
        )


def _questions(*, splits: bool) -> SearchStrategy[_Question]:
    units = st.tuples(*[st.integers(0, _MOST_UNITS)] * len(_SITES))
    line = st.tuples(
        st.sampled_from(_ORDERS),
        units.filter(any),
        st.booleans(),
        st.one_of(st.just((0, 0, 0)), units),
    )
    return st.builds(
        lambda lines, spare: _question(lines, spare, splits=splits),
        st.lists(line, min_size=1, max_size=_MOST_LINES),
        st.one_of(st.just((0, 0, 0)), units),
    )


def _question(
    drawn: Sequence[tuple[str, _Units, bool, _Units]], spare: _Units, *, splits: bool
) -> _Question:
    """Make a question whose shares can be placed: as they were drawn."""
    there = list(spare)
    rows: list[tuple[str, int, Location | None, dict[Location, int]]] = []
    for order, units, bound, before in drawn:
        at = next(place for place, quantity in enumerate(units) if quantity)
        held = {site: quantity for site, quantity in zip(_SITES, before, strict=True) if quantity}
        # Lines that are not split stand where they have units.
        if bound or (held and not splits):
            rows.append((order, units[at], _SITES[at], {_SITES[at]: 1} if held else {}))
            there[at] += units[at]
        else:
            rows.append((order, sum(units), None, held))
            there = [had + more for had, more in zip(there, units, strict=True)]
    supply = {site: quantity for site, quantity in zip(_SITES, there, strict=True) if quantity}
    return _Question(supply, _lines(rows))


def _lines(
    rows: Sequence[tuple[str, int, Location | None, dict[Location, int]]],
) -> tuple[ToPlace, ...]:
    lines = dict[str, list[OrderLine]]()
    for order, share, site, held in rows:
        own = lines.setdefault(order, [])
        ordered = share + sum(held.values())
        own.append(
            OrderLine(id=LineId(str(len(own) + 1)), sku=Sku("SKU"), ordered=ordered, location=site)
        )
    orders = {name: Order.of(name, "2026-01-01", own) for name, own in lines.items()}
    turn = dict.fromkeys(orders, 0)
    asked: list[ToPlace] = []
    for place, (name, share, site, held) in enumerate(rows):
        same = [row for other, row in enumerate(rows) if other != place and row[0] == name]
        asked.append(
            ToPlace(
                order=orders[name],
                line=orders[name].lines[turn[name]],
                share=share,
                site=site,
                held=held,
                used=frozenset(at for row in same for at in row[3]),
            )
        )
        turn[name] += 1
    return tuple(asked)


def _written(units: Mapping[Location, int]) -> str:
    return ", ".join(f"{location} {quantity}" for location, quantity in units.items()) or "-"
