"""How well promises were kept, and how quiet they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Final, Literal, get_args

import attrs

from backorderkit.model._checks import Problems, check_time, raise_first, refuse
from backorderkit.planning.given import not_a, sku_set
from backorderkit.promising.ledger import PromiseLedger, SkuRecord
from backorderkit.promising.tracked import LedgerLine, TrackedUnits

FigureWeight = Literal["units", "lines", "orders"]
"""What counts as one in a figure."""

FigureDate = Literal["first", "last"]
"""Which date a promise is kept or not by: what was promised first, or told last."""

_WEIGHTS: Final[tuple[FigureWeight, ...]] = get_args(FigureWeight)
_DATES: Final[tuple[FigureDate, ...]] = get_args(FigureDate)


@attrs.frozen(kw_only=True)
class PromiseFigures:
    """
    Figures of promises, exact; each is None where there is nothing to divide by.

    Attributes:
        weight: What counts as one.
        against: By which date.
        due: How many fell due or were filled: what the shares are of.
        kept: How many of them were there in time.
        share_kept: kept / due.
        mean_slip: Days late, over all that are due; who is in time is 0 days late.
        mean_slip_of_late: Days late, over those that are late alone.
        replans: How often a SKU was planned again since something happened to it: how often
            facts that name it were recorded, summed up over the SKUs.
        nervousness: Promised units that a re-plan moved to another day, or left without a
            date / promised units of its SKUs that it found; over all re-plans, in units.
        mean_move: Days by which the date of a moved unit moved, earlier or later alike;
            units that lost their date are not among them.
    """

    weight: FigureWeight
    against: FigureDate
    due: int
    kept: int
    share_kept: Fraction | None
    mean_slip: Fraction | None
    mean_slip_of_late: Fraction | None
    replans: int
    nervousness: Fraction | None
    mean_move: Fraction | None


def promise_figures(
    ledger: PromiseLedger,
    *,
    as_of: datetime,
    weight: FigureWeight = "units",
    against: FigureDate = "first",
    skus: Iterable[str] | None = None,
) -> PromiseFigures:
    """
    Say how many promises were kept, by how much the others were late, and how often dates moved.

    **Clock**: the promised day, in UTC.  Units are in time if they were allocated on that
    day or before it.  What still waits is late by the days until *as_of*; what was
    cancelled after its day, by the days until then.

    **Population**: units that had a date, and were filled, or whose day lies before the
    day of *as_of* or of their cancellation.  A unit that was allocated when it was
    ordered was never promised, and is not among them.

    **FigureWeight**: units; or lines, or orders, of which at least one unit is among them.  A
    line or an order is kept when all these units are; it is as late as the latest of them.

    Unlike units are added up with ``weight="units"``; name SKUs of one unit, or count lines.
    Nervousness follows the plan instead of the clock, and is the same for all weights.

    Args:
        ledger: What was said.
        as_of: The day of the figures; facts that are younger are not left out.
        weight: What counts as one.
        against: ``"first"``: the first date promised.  ``"last"``: the last one told, so
            a host that tells every slip keeps nearly everything.
        skus: Of which SKUs; of all if absent.

    Raises:
        InvalidValueError: if an argument is none of these.

    >>> from backorderkit.model import read_time
    >>> promise_figures(PromiseLedger(), as_of=read_time("2026-01-05")).share_kept is None
    True
    """
    _check(ledger, as_of, weight, against)
    named = sku_set(skus)
    lines = [line for line in ledger.lines if named is None or line.sku in named]
    slips = _weighted(lines, as_of.astimezone(UTC).date(), weight, against)
    due = sum(count for count, _ in slips)
    kept = sum(count for count, slip in slips if not slip)
    days = sum(count * slip for count, slip in slips)
    record = _sum(record for sku, record in ledger.skus if named is None or sku in named)
    return PromiseFigures(
        weight=weight,
        against=against,
        due=due,
        kept=kept,
        share_kept=_ratio(kept, due),
        mean_slip=_ratio(days, due),
        mean_slip_of_late=_ratio(days, due - kept),
        replans=record.replans,
        nervousness=_ratio(record.moved, record.exposed),
        mean_move=_ratio(record.days, record.shifted),
    )


def _weighted(
    lines: Iterable[LedgerLine], day: date, weight: FigureWeight, against: FigureDate
) -> list[tuple[int, int]]:
    """Give how many of the population were late by how many days."""
    if weight == "units":
        return [each for line in lines for each in _slips(line, day, against)]
    latest = dict[tuple[str, ...], int]()
    for line in lines:
        name = (line.order, line.line) if weight == "lines" else (line.order,)
        for _, slip in _slips(line, day, against):
            latest[name] = max(slip, latest.get(name, 0))
    return [(1, slip) for slip in latest.values()]


def _slips(line: LedgerLine, day: date, against: FigureDate) -> Iterator[tuple[int, int]]:
    """Give units of a line that fell due or were filled, and by how many days each was late."""
    for settled in line.settled:
        promised = _date(settled.units, against)
        left = settled.at.date()
        if promised is not None and (settled.kind == "filled" or promised < left):
            yield settled.units.quantity, max(0, (left - promised).days)
    for units in line.waiting:
        promised = _date(units, against)
        if promised is not None and promised < day:
            yield units.quantity, (day - promised).days


def _date(units: TrackedUnits, against: FigureDate) -> date | None:
    due = units.first if against == "first" else units.told
    return None if due is None else due.date()


def _sum(records: Iterable[SkuRecord]) -> SkuRecord:
    given = list(records)
    return SkuRecord(
        promised=sum(each.promised for each in given),
        replans=sum(each.replans for each in given),
        exposed=sum(each.exposed for each in given),
        moved=sum(each.moved for each in given),
        shifted=sum(each.shifted for each in given),
        days=sum(each.days for each in given),
    )


def _ratio(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _check(ledger: object, as_of: object, weight: object, against: object) -> None:
    problems: Problems = []
    if not isinstance(ledger, PromiseLedger):
        problems.append(not_a("ledger", ledger, "PromiseLedger"))
    check_time(problems, "as_of", as_of)
    if weight not in _WEIGHTS:
        refuse(problems, "weight", weight, f"must be one of {', '.join(_WEIGHTS)}")
    if against not in _DATES:
        refuse(problems, "against", against, f"must be one of {', '.join(_DATES)}")
    raise_first(problems)
