"""Works out why each line gets what it gets, and says it in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from backorderkit.errors import on_one_line
from backorderkit.model.ids import Location, OrderId, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockPosition
from backorderkit.model.units import Unit
from backorderkit.planning.decisions import Decisions
from backorderkit.planning.open_lines import OpenLines
from backorderkit.planning.openings import Opening
from backorderkit.planning.reasons import Blocker, BlockerKind, Explanation, Served
from backorderkit.planning.restricting import Obstacle
from backorderkit.planning.views import NAMED, Taking, View, holdings_of, promised, served, views_of
from backorderkit.policies.shipping import ANY_PART

_NOTHING = View()


class Explainer:
    """Explains the lines of one run; what the lines of a SKU share is worked out once."""

    def __init__(self, snapshot: Snapshot, book: OpenLines, decisions: Decisions) -> None:
        """Prepare to explain; nothing is worked out yet."""
        self._snapshot = snapshot
        self._book = book
        self._decisions = decisions
        self._positions = dict[Sku, list[StockPosition]]()
        for position in snapshot.positions:
            self._positions.setdefault(position.sku, []).append(position)
        self._views = dict[Sku, dict[Location | None, View]]()
        self._units = dict[Sku, Unit]()

    def waiting(self, row: int) -> int:
        """Give what a line has on backorder after the run."""
        return self._book.wants[row] - self._decisions.granted[row]

    def blockers(self, row: int) -> tuple[Blocker, ...]:
        """Say what keeps a line's waiting units back; they add up to its backorder."""
        waiting = self.waiting(row)
        if not waiting:
            return ()
        line = self._book.lines[row]
        view = self._view(line.sku, self._site(row))
        elsewhere = self._view(line.sku, None).idle - view.idle
        obstacles: tuple[tuple[BlockerKind, int], ...] = (
            self._left_over(row, view),
            ("location", max(elsewhere, self._decisions.denied.get(row, 0))),
            ("hold", view.held),
            ("buffer", view.buffered),
            ("safety-stock", view.withheld),
            ("stock", waiting),
        )
        blockers = []
        for kind, units in obstacles:
            quantity = min(units, waiting)
            if quantity:
                blockers.append(Blocker(kind=kind, quantity=quantity))
                waiting -= quantity
        return tuple(blockers)

    def _site(self, row: int) -> Location | None:
        """Say from where alone a line may get units, bound or not."""
        return self._decisions.stands.get(row) or self._book.lines[row].location

    def _left_over(self, row: int, view: View) -> tuple[BlockerKind, int]:
        """Say how much is left over while a line waits, and by a rule or the policy."""
        if row in self._decisions.unchanged:
            return "contract", self.waiting(row)
        if self._decisions.is_ruled(row):
            (kind, _), left = self._obstacle(row)
            return kind, left
        return "policy", view.idle + view.held_back

    def _obstacle(self, row: int) -> tuple[Obstacle, int]:
        """Say what rules keep from a line of what lies there today, or in the end."""
        today, later = self._decisions.obstacles.get(row), self._decisions.later_obstacles.get(row)
        covered = sum(units for _, units in self._decisions.promised.get(row, ()))
        left = min(later[1], max(0, self.waiting(row) - covered)) if later else 0
        if today is not None:
            return today[0], max(today[1], left)
        return (later[0], left) if later else (("policy", ""), 0)

    def sentence(self, row: int, blockers: Sequence[Blocker]) -> str:
        """Say in a sentence what a line gets and why not more.  O(1) after its SKU's first."""
        text = on_one_line("; ".join(self._clauses(row, blockers)))
        return f"{text[0].upper()}{text[1:]}."

    def explain(self, row: int) -> Explanation:
        """Explain a line in full.  O(lines of its SKU)."""
        line, order = self._book.lines[row], self._book.owners[row]
        blockers = self.blockers(row)
        site = self._site(row)

        def others(takings: Iterator[Taking]) -> tuple[Served, ...]:
            return tuple(
                Served(
                    order=self._book.owners[other].id,
                    line=self._book.lines[other].id,
                    quantity=quantity,
                    location=location,
                    receipt=receipt.id if receipt else None,
                )
                for other, location, quantity, receipt in takings
                if other != row and site in (None, location)
            )

        return Explanation(
            order=order.id,
            line=line.id,
            sentence=self.sentence(row, blockers),
            blockers=blockers,
            served=others(served(line.sku, self._book, self._decisions)),
            promised=others(promised(line.sku, self._book, self._decisions)),
        )

    def _clauses(self, row: int, blockers: Sequence[Blocker]) -> Iterator[str]:
        line, order = self._book.lines[row], self._book.owners[row]
        unit = self._unit(line.sku)
        waiting = self.waiting(row)
        yield self._holding(row, unit, waiting)
        if not waiting:
            return
        if row in self._decisions.unchanged:
            yield "its SKU stays as it was, since a contract could not be kept"
            told = sum(each.quantity for each in self._decisions.unchanged[row])
            if told:
                yield f"{_sized(unit, min(told, waiting))} are promised as before"
            return
        site = self._site(row)
        view = self._view(line.sku, site)
        where = f"at {site}" if site else "on hand"
        units, count, names = view.on_hand.besides(order.id, line.outstanding - waiting)
        if units:
            yield f"{_sized(unit, units)} {where} went to {_orders(count, names)}"
        elif waiting == line.outstanding and not (
            view.held or view.withheld or view.idle or view.buffered
        ):
            yield f"there is nothing {where}"
        for blocker in blockers:
            if blocker.kind == "ship-rule" and not self._named(row, blocker.kind):
                yield self._rule(row, unit, waiting, blocker.quantity)
            elif blocker.kind == "location" and row in self._decisions.stands:
                more = _sized(unit, blocker.quantity)
                yield f"{more} at other locations do not help, since the line is not split"
            elif blocker.kind != "stock":
                text = _OBSTACLES[blocker.kind].format(_sized(unit, blocker.quantity))
                name = self._named(row, blocker.kind)
                yield f"{text} ({name})" if name else text
        yield from self._prospects(row, unit, waiting, view)

    def _named(self, row: int, kind: BlockerKind) -> str:
        """Name the rule that keeps units from a line, if it has a name."""
        (of, name), _ = self._obstacle(row)
        return name if of == kind else ""

    def _rule(self, row: int, unit: Unit, waiting: int, quantity: int) -> str:
        """Say which rule keeps units from a line: its own, or that of who stands before it."""
        stay = f"{_sized(unit, quantity)} stay"
        ship_terms = self._decisions.ship_terms
        rule = ship_terms.rule(row) if ship_terms else ANY_PART
        ahead = self._ahead(row) if rule.portion(waiting, quantity) else None
        if ahead is not None:
            return f"{stay}, since the queue waits behind order {ahead}"
        if rule.whole:
            return f"{stay}, since only the whole line ships"
        terms: list[str] = []
        if rule.multiple > 1:
            terms.append(f"it ships in packs of {_sized(unit, rule.multiple)}")
        if rule.minimum > 1:
            terms.append(f"no part and no rest may be under {_sized(unit, rule.minimum)}")
        return f"{stay}, since {' and '.join(terms) or 'the queue waits'}"

    def _ahead(self, row: int) -> OrderId | None:
        """Name the order of the first line that makes another one wait, if any does."""
        ship_terms, book = self._decisions.ship_terms, self._book
        if ship_terms is None or not ship_terms.waits:
            return None
        site = book.lines[row].location
        span = book.spans[book.lines[row].sku]
        for other in self._decisions.served[book.starts[span] : book.starts[span + 1]]:
            if other == row:
                break
            competes = site is None or book.lines[other].location in (None, site)
            if competes and self.waiting(other):
                return book.owners[other].id
        return None

    def _holding(self, row: int, unit: Unit, waiting: int) -> str:
        outstanding = self._book.lines[row].outstanding
        whole = _sized(unit, outstanding)
        if waiting == outstanding:
            return f"none of {whole} allocated"
        locations = [at for at, _ in holdings_of(self._book, self._decisions, row)]
        share = f"{unit.to_text(outstanding - waiting)} of {whole}" if waiting else f"all {whole}"
        return f"{share} allocated at {_listed(locations[:NAMED], len(locations))}"

    def _prospects(self, row: int, unit: Unit, waiting: int, view: View) -> Iterator[str]:
        grants = self._decisions.promised.get(row, [])
        covered = sum(quantity for _, quantity in grants)
        if grants:
            as_of = self._snapshot.as_of
            texts = [
                f"{_sized(unit, quantity)} from {_source(receipt)} {_due(receipt, as_of)}"
                for receipt, quantity in grants[:NAMED]
            ]
            yield f"promised {_listed(texts, len(grants))}"
        # Units that make no part that may go are in sight of nobody.
        unused = 0 if self._decisions.is_ruled(row) else view.held_back
        missing = waiting - covered - unused
        if missing > 0:
            text = f"nothing in sight for {_sized(unit, missing)}"
            units, count, names = view.coming.besides(self._book.owners[row].id, covered)
            if units:
                text += f", since {_sized(unit, units)} to come go to {_orders(count, names)}"
            yield text

    def _unit(self, sku: Sku) -> Unit:
        unit = self._units.get(sku)
        if unit is None:
            unit = self._units[sku] = self._snapshot.item(sku).measure
        return unit

    def _view(self, sku: Sku, location: Location | None) -> View:
        views = self._views.get(sku)
        if views is None:
            positions = self._positions.get(sku, [])
            views = self._views[sku] = views_of(sku, self._book, self._decisions, positions)
        return views.get(location, _NOTHING)


_OBSTACLES: dict[BlockerKind, str] = {
    "buffer": "a buffer keeps {} back",
    "contract": "its contract keeps {} from it",
    "horizon": "{} stay, since it may not take yet",
    "protection": "{} are protected for others",
    "quota": "a quota keeps {} from it",
    "hold": "holds keep {} back",
    "location": "{} at other locations would be free, but the line is bound to its own",
    "policy": "the policy holds {} back",
    "safety-stock": "safety stock keeps {} back",
    "ship-rule": "a ship rule keeps {} from it",
}


def _source(coming: ScheduledReceipt | Opening) -> str:
    return f"receipt {coming.id}" if coming.id else "stock"


def _due(receipt: ScheduledReceipt | Opening, as_of: datetime) -> str:
    date = f"{receipt.due:%Y-%m-%d}"
    return f"(overdue since {date})" if receipt.is_overdue(as_of=as_of) else f"due {date}"


def _sized(unit: Unit, quantity: int) -> str:
    return f"{unit.to_text(quantity)} {unit.name}"


def _orders(count: int, names: Sequence[str]) -> str:
    return f"order {names[0]}" if count == 1 else f"{count} orders ({_listed(names, count)})"


def _listed(texts: Sequence[str], total: int) -> str:
    if total > len(texts):
        return f"{', '.join(texts)} and {total - len(texts)} more"
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
