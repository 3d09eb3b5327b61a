"""What a plan by rules gives of one SKU, moment by moment; what nobody takes stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Final

import attrs

from backorderkit.checking.cases import Case
from backorderkit.checking.rules import (
    AgreedContract,
    AgreedReserve,
    AgreedRules,
    AgreedSegment,
    AgreedShipping,
    day_of,
)
from backorderkit.model.ids import Location, ReceiptId, Sku
from backorderkit.model.snapshot import LineKey

_FROZEN: Final = AgreedContract(floor="keep-or-raise")
_FROZEN_CAPPED: Final = AgreedContract(floor="keep-or-raise", cap="not-better")


@attrs.frozen(kw_only=True)
class Moment:
    """
    When units come, or are given that came before.

    Attributes:
        about: How a finding calls it.
        day: Of it.
        came: What comes, by location, beyond holds, safety stock and buffers.
        given: What the plan gives to each line.
    """

    about: str
    day: int
    came: Counter[Location]
    given: Counter[LineKey] = attrs.field(factory=Counter)


@attrs.frozen(kw_only=True)
class Unmet:
    """
    Units that a plan gives and that are not there.

    Attributes:
        key: To whom.
        moment: When.
        units: How many.
    """

    key: LineKey
    moment: Moment
    units: int


@attrs.frozen(kw_only=True, slots=False, eq=False)
class Ruled:
    """
    A case, and what its rules say of each line.

    Attributes:
        case: It.
        rules: The case's, or none at all where they are not to play a part.
    """

    case: Case
    rules: AgreedRules

    @cached_property
    def segments(self) -> dict[LineKey, AgreedSegment]:
        """The segment of each open line that is in one."""
        found = dict[LineKey, AgreedSegment]()
        for key, (order, line) in self.case.open.items():
            for segment in self.rules.segments:
                if segment.has(order, line, self.case.today):
                    found[key] = segment
                    break
        return found

    @cached_property
    def contracts(self) -> dict[LineKey, AgreedContract]:
        """The contract of each open line that has one; frozen ones keep what they have."""
        found = {
            key: segment.contract
            for key, segment in self.segments.items()
            if segment.contract is not None
        }
        if self.rules.freeze.lines or self.rules.freeze.orders or self._freezes_days:
            for key, (order, line) in self.case.open.items():
                told = self.case.told.get(key, ())
                if self.rules.freeze.holds(order, line, told, self.case.today):
                    if self.rules.together is not None:
                        found.pop(key, None)
                        continue
                    is_capped = key in found and found[key].cap != "none"
                    found[key] = _FROZEN_CAPPED if is_capped else _FROZEN
        return found

    @cached_property
    def under_contract(self) -> frozenset[Sku]:
        """The SKUs with a line that has a contract."""
        return frozenset(self.case.open[key][1].sku for key in self.contracts)

    @property
    def _freezes_days(self) -> bool:
        return self.rules.freeze.within_days is not None

    def floor(self, key: LineKey) -> str:
        """Give the floor of a line."""
        contract = self.contracts.get(key)
        return contract.floor if contract else "none"

    def shipping(self, key: LineKey) -> AgreedShipping:
        """Give the ship rule of a line."""
        segment = self.segments.get(key)
        own = segment.shipping if segment else None
        return self.rules.shipping(*self.case.open[key]) if own is None else own

    def opens(self, key: LineKey) -> int | None:
        """Give the first day on which a line may take; None is never."""
        segment = self.segments.get(key)
        reserve: AgreedReserve = (segment.reserve if segment else None) or self.rules.reserve
        return reserve.opens(self.case.open[key][1], self.case.today)

    def gives_up(self, key: LineKey) -> bool:
        """
        Tell whether what a line holds is shared anew.

        What is kept if possible gives way to what must be served in full alone.
        """
        contract = self.contracts.get(key)
        if contract is None:
            return False
        if contract.floor == "keep-if-possible":
            return any(
                each.contract is not None and each.contract.floor == "full-or-raise"
                for each in self.rules.segments
            )
        return contract.floor == "none"

    def keeps(self, key: LineKey) -> dict[Location, int]:
        """Say what a line holds that is not shared anew."""
        if self.gives_up(key):
            return {}
        back = self.case.released.get(key, Counter())
        held = self.case.held.get(key, {})
        return {at: units - back[at] for at, units in held.items() if units > back[at]}

    def wants(self, key: LineKey) -> int:
        """Say what a line wants beyond what it keeps."""
        return self.case.open[key][1].outstanding - sum(self.keeps(key).values())

    def owed_by(self, key: LineKey, day: int) -> int:
        """
        Say what a line had and was told by a day, at most what it wants.

        What was told in parts that its ship rule lets go no more is owed no more.
        """
        case, shipping = self.case, self.shipping(key)
        held, want = sum(case.held.get(key, {}).values()), case.open[key][1].outstanding
        by_day = Counter[int]()
        kept = held if self.floor(key) in {"keep-or-raise", "full-or-raise"} else 0
        by_day[case.today] = held - kept
        left = want - held
        for each in case.told.get(key, ()):
            units = min(left, each.quantity)
            by_day[max(case.today, day_of(each.due))] += units
            left -= units
        owed, want = kept, want - kept
        for when in sorted(by_day):
            if when <= day and shipping.allows(by_day[when], want):
                owed += by_day[when]
                want -= by_day[when]
        return owed

    def has_by(self, key: LineKey, day: int) -> int:
        """Say what a plan gives a line by a day."""
        line = self.case.lines[key]
        return line.allocated + sum(
            each.quantity for each in line.promises if day_of(each.due) <= day
        )

    def full_day(self, key: LineKey) -> int:
        """Say by which day a line is owed all, if it is owed all."""
        requested = self.case.open[key][1].requested
        return self.case.today if requested is None else max(self.case.today, day_of(requested))

    @cached_property
    def moments(self) -> dict[Sku, list[Moment]]:
        """What comes and what is given of each SKU, in time, where no contract is broken."""
        return {sku: self._moments(sku) for sku in self.case.keys_of if sku not in self.case.stays}

    def _moments(self, sku: Sku) -> list[Moment]:
        case, supply = self.case, self._supply[sku]
        for key in case.keys_of[sku]:
            if key in case.lines:
                units = case.lines[key].allocated - sum(self.keeps(key).values())
                supply[None].given[key] = max(0, units)
        later = dict[datetime, Moment]()
        for key in case.keys_of[sku]:
            for each in case.lines[key].promises if key in case.lines else ():
                receipt = case.coming.get(each.receipt) if each.receipt is not None else None
                is_of_it = receipt is not None and each.due == max(receipt.due, case.snapshot.as_of)
                if is_of_it and each.receipt in supply:
                    supply[each.receipt].given[key] += each.quantity
                    continue
                day = day_of(each.due)
                about = f"units there on {date.fromordinal(day)}"
                opening = later.setdefault(each.due, Moment(about=about, day=day, came=Counter()))
                opening.given[key] += each.quantity
        openings = [later[due] for due in sorted(later)]
        return sorted([*supply.values(), *openings], key=lambda moment: moment.day)

    @cached_property
    def _supply(self) -> dict[Sku, dict[ReceiptId | None, Moment]]:
        """The stock of each SKU, under None, and its receipts."""
        case, missing = self.case, Counter[tuple[Sku, Location]]()
        shared = Counter[tuple[Sku, Location]]()
        for key, held in case.held.items():
            kept = self.keeps(key) if key in case.open else held
            for location, units in held.items():
                if key in case.open:
                    shared[case.open[key][1].sku, location] += units - kept.get(location, 0)
        supply = dict[Sku, dict[ReceiptId | None, Moment]]()
        for sku in case.keys_of:
            stock = Moment(about="stock on hand", day=case.today, came=Counter())
            supply[sku] = {None: stock}
        for (sku, location), pool in case.pools.items():
            if sku in supply:
                kept_back = self.rules.withheld(sku, location, pool.on_hand, "on-hand")
                there = pool.unallocated + shared[sku, location] - pool.held - pool.safety_stock
                missing[sku, location] = max(0, kept_back - there)
                supply[sku][None].came[location] = max(0, there - kept_back)
        for receipt in case.coming.values():
            sku, location = receipt.sku, receipt.location
            if sku not in supply:
                continue
            refill = min(receipt.quantity, missing[sku, location])
            missing[sku, location] -= refill
            kept_back = max(
                self.rules.withheld(sku, location, receipt.quantity, what)
                for what in ("on-hand", "receipts")
            )
            supply[sku][receipt.id] = Moment(
                about=f"receipt {receipt.id}",
                day=max(case.today, day_of(receipt.due)),
                came=Counter({location: max(0, receipt.quantity - refill - kept_back)}),
            )
        return supply

    def place(
        self, moments: Sequence[Moment], until: int | None = None
    ) -> tuple[list[Counter[Location]], list[Unmet]]:
        """
        Say from where units may come that are given up to a moment.

        Who is bound takes the latest units that will do, and leaves the earlier ones to
        those who may take them anywhere; these take the earliest.

        Returns:
            What of each moment is left at each location; and what is not there.
        """
        case, end = self.case, len(moments) if until is None else until + 1
        rest = [Counter(moment.came) for moment in moments[:end]]
        unmet = list[Unmet]()
        for key in moments[0].given:
            kept = self.keeps(key)
            for location, units in case.lines[key].by_location.items():
                now = units - kept.get(location, 0)
                rest[0][location] -= max(0, min(now, rest[0][location]))
        given = [
            (index, key, units)
            for index, moment in enumerate(moments[:end])
            if index
            for key, units in sorted(moment.given.items())
        ]
        for index, key, units in sorted(
            given, key=lambda each: case.open[each[1]][1].location is None
        ):
            bound = case.open[key][1].location
            left = units
            there = range(index + 1)
            for place in there if bound is None else reversed(there):
                for location in sorted(rest[place]) if bound is None else (bound,):
                    part = max(0, min(left, rest[place][location]))
                    rest[place][location] -= part
                    left -= part
            if left:
                unmet.append(Unmet(key=key, moment=moments[index], units=left))
        return rest, unmet


def plain(case: Case) -> Ruled:
    """Look at a plan by rules whose rules play no part."""
    return Ruled(case=case, rules=AgreedRules())


def given_by_day(
    ruled: Ruled, keys: Mapping[LineKey, object] | Sequence[LineKey]
) -> Iterator[tuple[int, LineKey, int]]:
    """Give on which day which line gets how much."""
    for key in keys:
        if key in ruled.case.lines:
            line = ruled.case.lines[key]
            now = line.allocated - sum(ruled.keeps(key).values())
            if now > 0:
                yield ruled.case.today, key, now
            for each in line.promises:
                yield max(ruled.case.today, day_of(each.due)), key, each.quantity
