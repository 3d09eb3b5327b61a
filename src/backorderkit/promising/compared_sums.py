"""The sums of compared lines: by unit of measure, by currency, and how many win."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, Literal

import attrs

from backorderkit.model.units import Unit
from backorderkit.promising.compared_lines import (
    ComparedLine,
    PlannedUnits,
    Verdict,
    verdict_of,
)
from backorderkit.promising.slips import plus, price_of

_PLANNED: Final = tuple(each.name for each in attrs.fields(PlannedUnits))
_VALUED: Final = ("allocated", "promised", "missing", "late")


@attrs.frozen(kw_only=True)
class PlannedValue:
    """
    Price of the units that one plan gives, in one currency, exactly.

    Attributes:
        allocated: Price of what is held after the plan.
        promised: Price of what receipts will fill.
        missing: Price of what no receipt covers.
        late: Price of the units that come after the day asked for, or without a date.
    """

    allocated: Decimal = Decimal(0)
    promised: Decimal = Decimal(0)
    missing: Decimal = Decimal(0)
    late: Decimal = Decimal(0)


@attrs.frozen(kw_only=True)
class ComparedUnits:
    """
    Units of all items that are counted in one unit of measure, by two plans.

    Attributes:
        unit: The unit, as fine as the finest of these items is counted; all quantities
            are in its smallest parts.
        outstanding: What the lines are owed.
        requested: How much of it is of lines that name a day.
        one: What the one plan gives.
        other: What the other plan gives.
        sooner: Units that come sooner by the other plan.
        later: Units that come later by the other plan, or without a date.
        unit_days: By how many days units come later by the other plan, as of a line.
    """

    unit: Unit
    outstanding: int
    requested: int
    one: PlannedUnits
    other: PlannedUnits
    sooner: int
    later: int
    unit_days: int


@attrs.frozen(kw_only=True)
class ComparedValues:
    """
    Price of the units of lines that have a price in one currency, by two plans.

    Attributes:
        currency: ISO 4217 code.
        one: What the one plan gives.
        other: What the other plan gives.
        sooner: Price of the units that come sooner by the other plan.
        later: Price of those that come later, or without a date.
    """

    currency: str
    one: PlannedValue
    other: PlannedValue
    sooner: Decimal
    later: Decimal


@attrs.frozen(kw_only=True)
class ComparedSums:
    """
    The sums of compared lines; unlike units and currencies are never added up.

    Attributes:
        name: Of whom: a customer, an order's id; empty for all.
        lines: How many lines have something outstanding.
        wins: How many of them get units sooner by the other plan, and none later.
        loses: How many get units later, and none sooner.
        mixed: How many get some sooner and some later.
        units: By unit of measure, sorted by its name.
        values: By currency, sorted by its code.
        unpriced: How many lines have no price, and so no value here.
    """

    name: str = ""
    lines: int
    wins: int
    loses: int
    mixed: int
    units: tuple[ComparedUnits, ...]
    values: tuple[ComparedValues, ...]
    unpriced: int

    @property
    def verdict(self) -> Verdict:
        """How the other plan is for all of them together: mixed, if for some it is so or so."""
        return verdict_of(
            is_sooner=bool(self.wins or self.mixed), is_later=bool(self.loses or self.mixed)
        )


def compared_by(
    lines: Iterable[ComparedLine], field: Literal["customer", "order"]
) -> tuple[ComparedSums, ...]:
    """Sum up the lines of each customer or order that has one which differs, sorted by name."""
    groups = dict[str, list[ComparedLine]]()
    differing = set[str]()
    for line in lines:
        name = line.customer if field == "customer" else line.order
        groups.setdefault(name, []).append(line)
        if line.shifts:
            differing.add(name)
    return tuple(sum_up(groups[name], name) for name in sorted(differing))


def sum_up(lines: Iterable[ComparedLine], name: str = "") -> ComparedSums:
    """Sum compared lines up."""
    given = list(lines)
    verdicts = Counter(line.verdict for line in given)
    return ComparedSums(
        name=name,
        lines=len(given),
        wins=verdicts["wins"],
        loses=verdicts["loses"],
        mixed=verdicts["mixed"],
        units=tuple(_units(given)),
        values=tuple(_values(given)),
        unpriced=sum(line.unit_price is None for line in given),
    )


def by_unit(lines: Iterable[ComparedLine]) -> dict[Unit, list[ComparedLine]]:
    """Give the lines of each unit of measure, as fine as any is counted in; sorted by name."""
    groups = dict[str, list[ComparedLine]]()
    for line in lines:
        groups.setdefault(line.unit.name, []).append(line)
    return {
        Unit(name=name, decimals=max(line.unit.decimals for line in groups[name])): groups[name]
        for name in sorted(groups)
    }


def factor_to(unit: Unit, line: ComparedLine) -> int:
    """Say how many smallest parts of a unit one of the line's is."""
    return int(10 ** (unit.decimals - line.unit.decimals))


def _units(lines: list[ComparedLine]) -> Iterator[ComparedUnits]:
    for unit, own in by_unit(lines).items():
        outstanding = requested = sooner = later = unit_days = 0
        one, other = Counter[str](), Counter[str]()
        for line in own:
            factor = factor_to(unit, line)
            outstanding += factor * line.outstanding
            requested += 0 if line.requested is None else factor * line.outstanding
            sooner += factor * line.sooner
            later += factor * line.later
            unit_days += factor * line.unit_days
            for field in _PLANNED:
                one[field] += factor * getattr(line.one, field)
                other[field] += factor * getattr(line.other, field)
        yield ComparedUnits(
            unit=unit,
            outstanding=outstanding,
            requested=requested,
            one=PlannedUnits(**one),
            other=PlannedUnits(**other),
            sooner=sooner,
            later=later,
            unit_days=unit_days,
        )


def _values(lines: list[ComparedLine]) -> Iterator[ComparedValues]:
    for currency in sorted({line.currency for line in lines if line.currency is not None}):
        own = [line for line in lines if line.currency == currency]
        yield ComparedValues(
            currency=currency,
            one=_planned_value((line, line.one) for line in own),
            other=_planned_value((line, line.other) for line in own),
            sooner=_price((line, line.sooner) for line in own),
            later=_price((line, line.later) for line in own),
        )


def _planned_value(planned: Iterable[tuple[ComparedLine, PlannedUnits]]) -> PlannedValue:
    given = list(planned)
    return PlannedValue(
        **{
            field: _price((line, getattr(units, field)) for line, units in given)
            for field in _VALUED
        }
    )


def _price(quantities: Iterable[tuple[ComparedLine, int]]) -> Decimal:
    total = Decimal(0)
    for line, quantity in quantities:
        if quantity and line.unit_price is not None:
            total = plus(total, price_of(quantity, line.unit_price, line.unit))
    return total
