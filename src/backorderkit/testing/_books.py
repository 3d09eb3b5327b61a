"""Draws whole snapshots; quantities are cut to fit, so that no draw is thrown away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Final, TypeVar

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from backorderkit.model import (
    Allocation,
    Backorder,
    Hold,
    HoldId,
    Item,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    Promise,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    StockLevel,
)
from backorderkit.model._checks import (
    Problems,
    check_time,
    check_whole,
    raise_first,
    settle_in_utc,
)

_Choice = TypeVar("_Choice")

_DAY: Final = timedelta(days=1)

# All of an order that is no line, in one choice; the plainest first, and last
# what matters to most policies.
_ORDER_FACTS: Final = tuple(
    product(
        (("", ""), ("C-1", "web"), ("C-2", "")),
        (0, 1, -1),
        (-3 * _DAY, -2 * _DAY, _DAY),
        (5, 1, 2),
    )
)
_PRICES: Final = ((None, None), (Decimal("9.90"), "EUR"))
_REQUESTS: Final = (None, 2 * _DAY, -_DAY)
# Before and after the moment of the book.
_CANCEL_AFTER: Final = (None, -_DAY, _DAY)
# How much later than its order a line was placed, which may be as late as another order.
_LATER: Final = (None, None, _DAY, 2 * _DAY)
_LINE_FACTS: Final = tuple(product(_PRICES, _CANCEL_AFTER, _REQUESTS, _LATER))
_ALL: Final = 10**6
# Shipped and cancelled, cut to what was ordered.
_SETTLED: Final = (
    *((0, 0), (0, 0), (0, 0), (0, 0)),
    *((1, 0), (0, 1), (1, 1), (2, 0), (_ALL, 0), (0, _ALL)),
)
_FIRM: Final = (True, True, False)
_SAFETY: Final = (0, 0, 1, 3)
_CARTS: Final = ("cart-9", "cart-10")  # cart-10 sorts before cart-9
# How long holds have left: some lapse soon or now, or have lapsed.
_LEFT: Final = (3 * _DAY, timedelta(hours=2), timedelta(), -_DAY)
_MOST_PICKED: Final = 11
"""Lines to allocate to are picked by a number, which wraps at how many there are."""

OrderFacts = tuple[tuple[str, str], int, timedelta, int]
LineFacts = tuple[
    tuple[Decimal | None, str | None], timedelta | None, timedelta | None, timedelta | None
]


@attrs.frozen(kw_only=True)
class Scope:
    """What may be drawn; `snapshots` says what each part means."""

    skus: tuple[Sku, ...]
    locations: tuple[Location, ...]
    max_orders: int
    max_lines: int
    max_quantity: int
    receipts: int
    allocations: int
    memory: int
    holds: int
    bound: bool | None
    safety_stock: bool
    items: bool
    as_of: datetime

    def __attrs_post_init__(self) -> None:
        """Refuse what leaves nothing to draw; the moment becomes UTC."""
        problems: Problems = []
        for field in ("max_orders", "receipts", "allocations", "memory", "holds"):
            check_whole(problems, field, getattr(self, field), least=0)
        for field in ("max_lines", "max_quantity"):
            check_whole(problems, field, getattr(self, field), least=1)
        check_time(problems, "as_of", self.as_of)
        raise_first(problems)
        settle_in_utc(self, "as_of")

    @property
    def sites(self) -> tuple[Location | None, ...]:
        """Where lines may be bound to."""
        if self.bound is None:
            return (None, *self.locations)
        return self.locations if self.bound else (None,)

    @property
    def times(self) -> tuple[datetime, ...]:
        """When receipts are due: later, on the same day after and before as_of, overdue."""
        now = self.as_of
        evening, morning = now.replace(hour=23, minute=30), now.replace(hour=0)
        return now + 7 * _DAY, now + _DAY, evening, morning, now - _DAY, now - 30 * _DAY


@attrs.frozen
class _LineDraft:
    sku: Sku
    location: Location | None
    ordered: int
    settled: tuple[int, int]
    facts: LineFacts


@attrs.frozen
class _OrderDraft:
    facts: OrderFacts
    lines: Sequence[_LineDraft]


@attrs.frozen
class _StockDraft:
    on_hand: int
    safety_stock: int


@attrs.frozen
class _ReceiptDraft:
    sku: Sku
    location: Location
    quantity: int
    due: datetime
    firm: bool


@attrs.frozen
class _AllocationDraft:
    line: int
    places: Sequence[tuple[Location, int]]


@attrs.frozen
class _PromiseDraft:
    receipt: int
    quantity: int
    due: datetime


@attrs.frozen
class _MemoryDraft:
    line: int
    is_right: bool
    quantity: int
    age: timedelta
    promises: Sequence[_PromiseDraft]


@attrs.frozen
class _HoldDraft:
    id: str
    sku: Sku
    location: Location
    quantity: int
    left: timedelta


@attrs.frozen
class _Assembler:
    """Makes a snapshot of drafts."""

    scope: Scope

    def book(
        self,
        *,
        items: str,
        stock: Sequence[_StockDraft],
        receipts: Sequence[_ReceiptDraft],
        orders: Sequence[_OrderDraft],
        allocations: Sequence[_AllocationDraft],
        memory: Sequence[_MemoryDraft],
        holds: Sequence[_HoldDraft],
    ) -> Snapshot:
        scope = self.scope
        levels = self._levels(stock)
        expected = [
            ScheduledReceipt(
                id=ReceiptId(f"PO-{number}"),  # PO-10 sorts before PO-9
                sku=draft.sku,
                location=draft.location,
                quantity=draft.quantity,
                due=draft.due,
                firm=draft.firm,
            )
            for number, draft in enumerate(receipts, start=9)
        ]
        placed = [self._order(number, draft) for number, draft in enumerate(orders, start=8)]
        assigned = _allocations(allocations, placed, levels)
        return Snapshot(
            as_of=scope.as_of,
            items=_items(items, scope.skus),
            stock=levels,
            receipts=expected,
            orders=placed,
            allocations=assigned,
            backorders=self._memory(memory, placed, expected, assigned),
            holds=self._holds(holds),
        )

    def _levels(self, stock: Sequence[_StockDraft]) -> list[StockLevel]:
        pools = product(self.scope.skus, self.scope.locations)
        return [
            StockLevel(sku=sku, location=at, on_hand=draft.on_hand, safety_stock=draft.safety_stock)
            for (sku, at), draft in zip(pools, stock, strict=True)
            # One more than the most stands for a pool without a row.
            if draft.on_hand <= self.scope.max_quantity
        ]

    def _order(self, number: int, draft: _OrderDraft) -> Order:
        (customer, channel), sequence, placed, priority = draft.facts
        return Order(
            id=OrderId(f"SO-{number}"),  # SO-10 sorts before SO-8
            customer=customer,
            channel=channel,
            placed_at=self.scope.as_of + placed,
            sequence=sequence,
            priority=priority,
            lines=[
                self._line(place, line, self.scope.as_of + placed)
                for place, line in enumerate(draft.lines, start=1)
            ],
        )

    def _line(self, place: int, draft: _LineDraft, placed_at: datetime) -> OrderLine:
        (price, currency), cancel_after, requested, later = draft.facts
        shipped = min(draft.settled[0], draft.ordered)
        return OrderLine(
            id=LineId(str(place)),
            sku=draft.sku,
            location=draft.location,
            ordered=draft.ordered,
            shipped=shipped,
            cancelled=min(draft.settled[1], draft.ordered - shipped),
            requested=None if requested is None else self.scope.as_of + requested,
            unit_price=price,
            currency=currency,
            placed_at=None if later is None else placed_at + later,
            cancel_after=None if cancel_after is None else self.scope.as_of + cancel_after,
        )

    def _memory(
        self,
        drafts: Iterable[_MemoryDraft],
        orders: Sequence[Order],
        receipts: Sequence[ScheduledReceipt],
        allocations: Sequence[Allocation],
    ) -> list[Backorder]:
        """Remember backorders, right or wrong, of lines that are there or gone."""
        waits = {(order.id, line.id): line.outstanding for order in orders for line in order.lines}
        for held in allocations:
            waits[held.order, held.line] -= held.quantity
        waits |= {(OrderId("SO-0"), LineId("1")): 0, (OrderId("SO-8"), LineId("99")): 0}
        remembered = dict[tuple[OrderId, LineId], Backorder]()
        for draft in drafts:
            order, line = _picked(list(waits), draft.line)
            waiting = waits[order, line]
            remembered[order, line] = Backorder(
                order=order,
                line=line,
                quantity=waiting if draft.is_right and waiting else draft.quantity,
                opened_at=self.scope.as_of - draft.age,
                promises=[self._promise(promise, receipts) for promise in draft.promises],
            )
        return list(remembered.values())

    def _holds(self, drafts: Iterable[_HoldDraft]) -> list[Hold]:
        holds = [
            Hold(
                id=HoldId(draft.id),
                sku=draft.sku,
                location=draft.location,
                quantity=draft.quantity,
                expires_at=self.scope.as_of + draft.left,
            )
            for draft in drafts
        ]
        return list({hold.key: hold for hold in holds}.values())

    def _promise(self, draft: _PromiseDraft, receipts: Sequence[ScheduledReceipt]) -> Promise:
        due = {each.id: max(each.due, self.scope.as_of) for each in receipts}
        # One that is expected no more, or stock on hand.
        name = _picked([*due, ReceiptId("PO-0"), None], draft.receipt)
        known = draft.due if name is None else due.get(name, draft.due)
        return Promise(quantity=draft.quantity, due=known, receipt=name)


def books(scope: Scope) -> SearchStrategy[Snapshot]:
    """Draw snapshots."""
    quantity = st.integers(1, scope.max_quantity)
    sku, location = st.sampled_from(scope.skus), st.sampled_from(scope.locations)
    due, pick = st.sampled_from(scope.times), st.integers(0, _MOST_PICKED)
    lines = st.builds(
        _LineDraft,
        sku,
        st.sampled_from(scope.sites),
        quantity,
        st.sampled_from(_SETTLED),
        st.sampled_from(_LINE_FACTS),
    )
    orders = st.builds(
        _OrderDraft,
        st.sampled_from(_ORDER_FACTS),
        st.lists(lines, min_size=1, max_size=scope.max_lines),
    )
    pool = st.builds(
        _StockDraft,
        st.integers(0, scope.max_quantity + 1),
        st.sampled_from(_SAFETY) if scope.safety_stock else st.just(0),
    )
    promises = st.lists(st.builds(_PromiseDraft, pick, quantity, due), max_size=2)
    places = st.lists(st.tuples(location, quantity), min_size=1, max_size=2)
    age = st.sampled_from((_DAY, 5 * _DAY))
    return st.builds(
        _Assembler(scope).book,
        items=st.sampled_from(
            ("none", "pieces", "decimals", "limits") if scope.items else ("none",)
        ),
        stock=st.tuples(*[pool] * (len(scope.skus) * len(scope.locations))),
        receipts=st.lists(
            st.builds(_ReceiptDraft, sku, location, quantity, due, st.sampled_from(_FIRM)),
            max_size=scope.receipts,
        ),
        # An empty book is a rare thing to plan.
        orders=st.one_of(
            st.lists(orders, max_size=scope.max_orders),
            st.lists(orders, min_size=(scope.max_orders + 1) // 2, max_size=scope.max_orders),
        ),
        allocations=st.lists(st.builds(_AllocationDraft, pick, places), max_size=scope.allocations),
        memory=st.lists(
            st.builds(_MemoryDraft, pick, st.booleans(), quantity, age, promises),
            max_size=scope.memory,
        ),
        holds=st.lists(
            st.builds(
                _HoldDraft,
                st.sampled_from(_CARTS),
                sku,
                location,
                quantity,
                st.sampled_from(_LEFT),
            ),
            max_size=scope.holds,
        ),
    )


def _items(kind: str, skus: Sequence[Sku]) -> list[Item] | None:
    match kind:
        case "pieces":
            return [Item(sku=sku) for sku in skus]
        case "decimals":
            weighed = Item(sku=skus[0], unit="kg", decimals=3, backorders="deny", backorder_limit=1)
            return [weighed, *(Item(sku=sku, lead_time_days=0) for sku in skus[1:])]
        case "limits":
            return [
                Item(
                    sku=sku,
                    backorder_limit_per_line=2,
                    backorder_limit_per_customer=4,
                    lead_time_days=21,
                )
                for sku in skus
            ]
        case _:
            return None


def _allocations(
    drafts: Iterable[_AllocationDraft], orders: Sequence[Order], stock: Sequence[StockLevel]
) -> list[Allocation]:
    """Give stock to arbitrary lines, fair or not, as far as it fits."""
    lines = [(order.id, line) for order in orders for line in order.lines if line.outstanding]
    if not lines:
        return []
    free = {(level.sku, level.location): level.on_hand for level in stock}
    room = {(order, line.id): line.outstanding for order, line in lines}
    held = dict[tuple[OrderId, LineId, Location], int]()
    for draft in drafts:
        order, line = _picked(lines, draft.line)
        for location, most in draft.places:
            at = line.location or location
            quantity = min(most, room[order, line.id], free.get((line.sku, at), 0))
            if quantity:
                room[order, line.id] -= quantity
                free[line.sku, at] -= quantity
                held[order, line.id, at] = held.get((order, line.id, at), 0) + quantity
    return [
        Allocation(order=order, line=line, location=at, quantity=quantity)
        for (order, line, at), quantity in held.items()
    ]


def _picked(choices: Sequence[_Choice], pick: int) -> _Choice:
    return choices[pick % len(choices)]
