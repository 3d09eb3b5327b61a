"""The service does every command once, whoever is faster and whatever fails on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Thread

import pytest

from backorderkit import (
    AddLine,
    CancelOrder,
    Command,
    Expire,
    Fifo,
    InvalidInputError,
    InvalidValueError,
    Item,
    LineId,
    Order,
    OrderId,
    OrderLine,
    PlaceOrder,
    PlaceOrders,
    ReceiptId,
    ReceiveReceipt,
    ReceiveStock,
    ScheduledReceipt,
    ScheduleReceipt,
    ShipOrder,
    Sku,
    Snapshot,
    aio,
    answer,
    apply,
    plan,
)
from backorderkit.errors import (
    ConflictError,
    DuplicateError,
    NotFoundError,
    StoreError,
    UnavailableError,
)
from backorderkit.service import Backorders
from backorderkit.storage import AsyncMemoryStore, Commit, Committed, Loaded, MemoryStore, Wanted

MUG = Sku("MUG")
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ONE = PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 5}))


def mugs(units: int) -> MemoryStore:
    return MemoryStore(Snapshot.of(as_of=NOW, stock={"MUG": units}))


class Failing(MemoryStore):
    """Raises an error at some calls, before they have their effect or after it."""

    def __init__(
        self, snapshot: Snapshot, fails: Callable[[int], StoreError | None], *, after: bool = False
    ) -> None:
        super().__init__(snapshot)
        self.calls = count()
        self.fails = fails
        self.after = after

    def load(self, wanted: Wanted, /) -> Loaded:
        error = self.fails(next(self.calls))
        if error is not None:
            raise error
        return super().load(wanted)

    def find_commit(self, key: str, /) -> Committed | None:
        error = self.fails(next(self.calls))
        if error is not None:
            raise error
        return super().find_commit(key)

    def commit(self, commit: Commit, /) -> Committed:
        error = self.fails(next(self.calls))
        if error is not None and not self.after:
            raise error
        made = super().commit(commit)
        if error is not None:
            raise error
        return made


class Clock:
    """Seconds that pass when somebody pauses, and a little at every look."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        self.now += 0.001
        return self.now

    def pause(self, longest: float) -> None:
        self.pauses.append(longest)
        self.now += longest


def service(store: MemoryStore, clock: Clock | None = None) -> Backorders:
    clock = clock or Clock()
    return Backorders(
        store,
        policy=Fifo(),
        clock=lambda: NOW,
        monotonic=clock.monotonic,
        pause=clock.pause,
    )


def test_a_day_in_a_shop() -> None:
    store = mugs(3)
    shop = service(store)
    coming = ScheduledReceipt(id=ReceiptId("PO"), sku=MUG, quantity=4, due=NOW)
    commands: list[Command] = [
        ONE,
        ScheduleReceipt(receipt=coming),
        ReceiveReceipt(receipt=ReceiptId("PO")),
        ShipOrder(order=OrderId("SO-1")),
    ]

    done = [shop.do(command, key=f"{number}") for number, command in enumerate(commands)]

    assert [each.sequence for each in done] == [1, 2, 3, 4]
    assert store.snapshot.stock[0].on_hand == 2
    assert store.snapshot.orders[0].lines[0].outstanding == 0
    facts = [fact for each in store.history() for fact in each.facts]
    start = Snapshot.of(as_of=NOW, stock={"MUG": 3})
    assert apply(start, facts) == store.snapshot.at(NOW)


def test_every_command_loads_what_it_needs() -> None:
    bowl = Sku("BOWL")
    late = OrderLine(id=LineId("2"), sku=bowl, ordered=2, cancel_after=NOW - timedelta(days=1))
    batch = [
        Order.of("SO-1", "2026-01-02", {"MUG": 2}),
        Order.of("SO-2", "2026-01-03", {"BOWL": 1, "MUG": 4}),
    ]
    commands: list[Command] = [
        PlaceOrders(orders=batch),
        AddLine(order=OrderId("SO-1"), line=late),
        Expire(skus=frozenset([bowl])),
    ]
    whole = Snapshot.of(as_of=NOW, stock={"MUG": 3, "BOWL": 1})
    shop = service(MemoryStore(whole))

    for number, command in enumerate(commands):
        done = shop.do(command, key=f"{number}")
        found = answer(whole, command, policy=Fifo())
        assert done.changes == found.changes
        whole = found.outcome

    assert [line.outstanding for line in whole.orders[0].lines] == [2, 0]


def test_the_same_key_has_one_effect_and_the_first_answer() -> None:
    store = mugs(3)
    shop = service(store)
    first = shop.do(ONE, key="web-1")
    shop.do(ReceiveStock(sku=MUG, quantity=9), key="dock-1")

    assert shop.do(ONE, key="web-1") == first
    assert len(store.snapshot.orders) == 1
    with pytest.raises(DuplicateError, match="web-1"):
        shop.do(ReceiveStock(sku=MUG, quantity=1), key="web-1")


def test_a_refusal_is_not_kept() -> None:
    denied = [Item(sku=MUG, backorders="deny")]
    shop = service(MemoryStore(Snapshot.of(as_of=NOW, items=denied, stock={"MUG": 3})))

    refused = shop.do(ONE, key="web-1")
    shop.do(ReceiveStock(sku=MUG, quantity=2), key="dock-1")

    assert (refused.accepted, refused.changes, refused.sequence) == (False, (), None)
    assert refused.refusal[0].available == 3
    assert shop.do(ONE, key="web-1").accepted


def test_a_backorder_opens_at_the_moment_of_its_command() -> None:
    store = MemoryStore(Snapshot.of(as_of="2020-01-01", stock={"MUG": 3}))

    service(store).do(ONE, key="web-1")

    assert store.snapshot.backorders[0].opened_at == NOW


def test_it_tries_again_while_others_are_faster() -> None:
    clock = Clock()
    busy = lambda call: ConflictError("busy") if call < 150 and call % 3 == 2 else None  # noqa: E731
    store = Failing(Snapshot.of(as_of=NOW, stock={"MUG": 3}), busy)

    done = service(store, clock).do(ONE, key="web-1")

    assert done.sequence == 1
    assert len(clock.pauses) == 50
    assert clock.pauses[:5] == [0.001, 0.002, 0.004, 0.008, 0.010]
    assert max(clock.pauses) == 0.010


def test_its_patience_ends() -> None:
    clock = Clock()
    snapshot = Snapshot.of(as_of=NOW, stock={"MUG": 3})
    store = Failing(snapshot, lambda call: ConflictError("busy") if call % 3 == 2 else None)

    with pytest.raises(ConflictError):
        service(store, clock).do(ONE, key="web-1")

    assert 2 <= clock.now < 2.1
    assert store.snapshot == snapshot


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (ReceiveStock(sku=Sku("NONE"), quantity=1), NotFoundError),
        (CancelOrder(order=OrderId("NONE")), InvalidInputError),
        (ShipOrder(order=OrderId("SO-0"), line=LineId("1"), quantity=9), InvalidInputError),
        (PlaceOrder(order=Order.of("SO-0", "2026-01-05", {"MUG": 1})), InvalidInputError),
    ],
)
def test_what_cannot_help_is_not_tried_again(command: Command, error: type[Exception]) -> None:
    clock = Clock()
    order = Order.of("SO-0", "2026-01-02", {"MUG": 1})
    items = [Item(sku=MUG)]
    snapshot = Snapshot.of(as_of=NOW, items=items, stock={"MUG": 3}, orders=[order])

    with pytest.raises(error):
        service(MemoryStore(snapshot), clock).do(command, key="key")

    assert clock.pauses == []


@pytest.mark.parametrize(
    ("kind", "after"),
    [(ConflictError, False), (UnavailableError, False), (UnavailableError, True)],
)
@pytest.mark.parametrize("failing", range(13))
def test_whichever_call_fails_every_command_has_one_effect(
    *, failing: int, kind: type[StoreError], after: bool
) -> None:
    snapshot = Snapshot.of(as_of=NOW, stock={"MUG": 3})
    store = Failing(snapshot, lambda call: kind("lost") if call == failing else None, after=after)
    shop = service(store)

    commands: list[Command] = [
        ONE,
        ReceiveStock(sku=MUG, quantity=4),
        ShipOrder(order=OrderId("SO-1")),
    ]
    for number, command in enumerate(commands):
        shop.do(command, key=f"{number}")

    assert [each.sequence for each in store.history()] == [1, 2, 3]
    assert store.snapshot.stock[0].on_hand == 2
    assert store.snapshot.orders[0].lines[0].shipped == 5


def test_threads_on_hot_skus_lose_and_oversell_nothing() -> None:
    store = MemoryStore(Snapshot.of(as_of=NOW, stock={"MUG": 40, "BOWL": 30}))
    shop = Backorders(store, policy=Fifo(), patience=timedelta(seconds=60))

    def work(worker: int) -> None:
        for number in range(12):
            id_ = f"SO-{worker}-{number}"
            order = Order.of(id_, "2026-01-02", {"MUG": 1, "BOWL": 1} if number % 2 else {"MUG": 2})
            shop.do(PlaceOrder(order=order), key=f"{id_}-place")
            shop.do(ReceiveStock(sku=MUG, quantity=1), key=f"{id_}-receive")
            shop.do(ShipOrder(order=order.id), key=f"{id_}-ship")

    threads = [Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    now = store.snapshot
    history = list(store.history())
    shipped = sum(line.shipped for order in now.orders for line in order.lines)
    assert [each.sequence for each in history] == list(range(1, 4 * 12 * 3 + 1))
    assert sum(level.on_hand for level in now.stock) + shipped == 40 + 30 + 4 * 12
    assert plan(now, policy=Fifo()).changes == ()
    start = Snapshot.of(as_of=NOW, stock={"MUG": 40, "BOWL": 30})
    assert apply(start, [fact for each in history for fact in each.facts]).stock == now.stock


@pytest.mark.parametrize("key", ["", 7, None])
def test_a_key_is_a_text(key: object) -> None:
    with pytest.raises(InvalidValueError):
        service(mugs(3)).do(ONE, key=key)  # type: ignore[arg-type]


@pytest.mark.parametrize("store", [{}, AsyncMemoryStore(Snapshot.of(as_of=NOW))])
def test_a_store_is_needed(store: object) -> None:
    with pytest.raises(InvalidValueError, match="must be a Store"):
        Backorders(store, policy=Fifo())  # type: ignore[arg-type]


def test_the_async_twin_does_the_same() -> None:
    class Busy(AsyncMemoryStore):
        tries = 0

        async def commit(self, commit: Commit, /) -> Committed:
            self.tries += 1
            if self.tries < 3:
                raise ConflictError("busy")
            return await super().commit(commit)

    async def pause(longest: float) -> None:
        pauses.append(longest)

    async def work() -> None:
        first = await shop.do(ONE, key="web-1")
        assert await shop.do(ONE, key="web-1") == first
        assert first == service(mugs(3)).do(ONE, key="web-1")
        with pytest.raises(DuplicateError):
            await shop.do(ReceiveStock(sku=MUG, quantity=1), key="web-1")

    pauses: list[float] = []
    store = Busy(Snapshot.of(as_of=NOW, stock={"MUG": 3}))
    shop = aio.Backorders(store, policy=Fifo(), clock=lambda: NOW, pause=pause)

    asyncio.run(work())

    assert pauses == [0.001, 0.002]
    assert [each.sequence for each in asyncio.run(store.history())] == [1]
    with pytest.raises(InvalidValueError, match="must be an AsyncStore"):
        aio.Backorders({}, policy=Fifo())  # type: ignore[arg-type]
