"""The service does every command once, whoever is faster and whatever fails on the way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

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
)
from backorderkit.errors import (
    ConflictError,
    DuplicateError,
    NotFoundError,
)
from backorderkit.service import Backorders
from backorderkit.storage import (
    AsyncMemoryStore,
    Commit,
    Committed,
    Loaded,
    MemoryStore,
    Store,
    Wanted,
)
from backorderkit.testing import FailingStore, check_failures
from backorderkit.testing._shop import COMMANDS

MUG = Sku("MUG")
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ONE = PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 5}))


def mugs(units: int) -> MemoryStore:
    return MemoryStore(Snapshot.of(as_of=NOW, stock={"MUG": units}))


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


def service(store: Store, clock: Clock | None = None) -> Backorders:
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
    store = FailingStore(mugs(3), busy)

    done = service(store, clock).do(ONE, key="web-1")

    assert done.sequence == 1
    assert len(clock.pauses) == 50
    assert clock.pauses[:5] == [0.001, 0.002, 0.004, 0.008, 0.010]
    assert max(clock.pauses) == 0.010


def test_its_patience_ends() -> None:
    clock = Clock()
    store = mugs(3)
    busy = FailingStore(store, lambda call: ConflictError("busy") if call % 3 == 2 else None)

    with pytest.raises(ConflictError):
        service(busy, clock).do(ONE, key="web-1")

    assert 2 <= clock.now < 2.1
    assert store.snapshot == mugs(3).snapshot


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


def test_whichever_call_fails_every_command_has_one_effect() -> None:
    closed = list[Store]()

    runs = check_failures(MemoryStore, close_store=closed.append)

    assert runs == len(closed)
    # Most commands are three calls each, and the last run of each kind is whole.
    assert 3 * (2 * len(COMMANDS) + 1) < runs <= 3 * (3 * len(COMMANDS) + 1)


class Nameless(MemoryStore):
    """Keeps no keys, so that a lost answer is found nowhere."""

    def find_commit(self, key: str, /) -> Committed | None:
        return None

    def commit(self, commit: Commit, /) -> Committed:
        self._by_key.clear()
        return super().commit(commit)


def test_a_store_that_cannot_tell_what_a_key_did_is_found() -> None:
    with pytest.raises(AssertionError, match="call 2 ends in UnavailableError after its effect"):
        check_failures(Nameless)


def test_a_key_is_asked_for_after_the_load() -> None:
    """Else a command is refused for its own effect, which came in between."""

    class Twin(MemoryStore):
        def load(self, wanted: Wanted, /) -> Loaded:
            if not self._commits and not asked:
                asked.append(1)
                service(self).do(whole, key="web-1")
            return super().load(wanted)

    asked = list[int]()
    whole = PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 3}), shortfall="refuse")
    store = Twin(Snapshot.of(as_of=NOW, stock={"MUG": 3}))

    assert service(store).do(whole, key="web-1").sequence == 1


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
