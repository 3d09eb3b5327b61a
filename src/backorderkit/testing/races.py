"""Lets two workers race on a store in every order of their steps, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from threading import Condition, Thread, local
from typing import Final, Literal

import attrs

from backorderkit.commands import (
    CancelOrder,
    Command,
    PlaceOrder,
    ReceiveReceipt,
    ReceiveStock,
    ScheduleReceipt,
    ShipOrder,
    Shortfall,
)
from backorderkit.model import Item, Order, OrderId, ReceiptId, ScheduledReceipt, Sku, Snapshot
from backorderkit.planning import plan
from backorderkit.policies import AllocationPolicy, Fifo
from backorderkit.service import Backorders
from backorderkit.storage.abilities import LockingStore
from backorderkit.storage.protocol import Commit, Committed, Loaded, Store, Wanted
from backorderkit.testing._audit import Told, audit, outcome_of

_NOW: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
_TRIES: Final = timedelta(seconds=20)
"""The clock of a race ticks a second a try."""
_BLOCKED: Final = 0.2
"""Seconds after which a step is taken to wait for the other worker."""
_STUCK: Final = 30.0

Job = tuple[str, Command]
"""A key and a command."""

_here = local()


@attrs.frozen(kw_only=True)
class Race:
    """
    What two workers do at the same time.

    Attributes:
        name: What it is about, in a few words.
        start: What is true before; nothing of it is left to plan.
        first: The keys and commands of one worker, in this order.
        second: Those of the other.
    """

    name: str
    start: Snapshot
    first: Sequence[Job]
    second: Sequence[Job]


def switch_point() -> None:
    """
    Let another worker go first, if the schedule of a race says so.

    A store's calls are steps anyway.  A store may call this before each statement that
    it sends to a database, to have them interleaved, too; outside of a race it does nothing.
    """
    turns: _Turns | None = getattr(_here, "turns", None)
    if turns is not None:
        turns.wait(_here.worker)


def check_races(
    make_stores: Callable[[Snapshot], tuple[Store, Store]],
    *,
    close_stores: Callable[[tuple[Store, Store]], object] = lambda _: None,
    races: Iterable[Race] | None = None,
    max_switches: int | None = None,
    locks: bool = True,
    policy: AllocationPolicy | None = None,
) -> int:
    """
    Check that a store comes to the same as one worker after another, however two interleave.

    Two workers, each with a service of its own, take turns by a schedule: a call of the
    store is a step.  Every order of steps is tried.  Then all commands must be done once,
    or refused because that was right; nothing is oversold; every commit follows from the one
    before; and what is loaded is what the history comes to.  A step that waits for a
    lock of the other worker is let be, and the other goes on.

    Args:
        make_stores: Gives two handles on fresh data that hold a snapshot: two
            connections, or one store twice if threads may share it.
        close_stores: Puts them away.
        races: What is done; a set of the usual ones if absent.
        max_switches: At most so often is a worker stopped that could go on.  If a
            store has many steps of its own, 2 finds nearly all, and all orders are too many.
        locks: Whether the store's lock is used where it has one.
        policy: Who gets scarce supply; `Fifo` if absent.

    Returns:
        How many runs it took.

    Raises:
        AssertionError: if something is wrong, with the schedule that shows it.

    >>> from backorderkit.storage import MemoryStore
    >>> def make_stores(snapshot):
    ...     store = MemoryStore(snapshot)
    ...     return store, store
    >>> check_races(make_stores) > 100
    True
    """
    runs = 0
    for race in usual_races() if races is None else races:

        def run(order: Sequence[int], race: Race = race) -> list[_Step]:
            stores = make_stores(race.start)
            try:
                return _run(race, stores, order, policy or Fifo(), locks=locks)
            finally:
                close_stores(stores)

        runs += _in_every_order(run, max_switches)
    return runs


def usual_races() -> tuple[Race, ...]:
    """
    Give what usually goes wrong between two workers.

    >>> usual_races()[0].name
    'the last units, all or nothing'
    """
    return tuple(_usual_races())


def _usual_races() -> Iterator[Race]:
    mug, full = Sku("MUG"), _shop(MUG=3, BOWL=3)
    waiting = _shop(_order("SO-0", MUG=2), MUG=1, BOWL=3)
    last = _order("SO-1", MUG=2), _order("SO-2", MUG=2)
    for name, shortfall in _SHORTFALLS.items():
        orders = [PlaceOrder(order=order, shortfall=shortfall) for order in last]
        yield _race(f"the last units, {name}", full, *orders)
    receive, place = ReceiveStock(sku=mug, quantity=2), PlaceOrder(order=last[0])
    yield _race("an order meets what arrives", waiting, receive, place)
    arrived = ReceiveReceipt(receipt=ReceiptId("PO-1"))
    yield _race("a receipt arrives twice", waiting, arrived, arrived)
    ship, cancel = ShipOrder(order=OrderId("SO-0")), CancelOrder(order=OrderId("SO-0"))
    yield _race("an order is shipped and cancelled", waiting, ship, cancel)
    same = [PlaceOrder(order=_order("SO-1", **{sku: 1})) for sku in ("MUG", "BOWL")]
    yield _race("one id for two orders", waiting, *same)
    coming = [
        ScheduledReceipt(id=ReceiptId("NEW"), sku=sku, quantity=1, due=_NOW)
        for sku in (mug, Sku("BOWL"))
    ]
    schedule = [ScheduleReceipt(receipt=each) for each in coming]
    yield _race("one id for two receipts", waiting, *schedule)
    crossed = [_order("SO-1", MUG=1, BOWL=2), _order("SO-2", BOWL=2, MUG=1)]
    yield _race("two SKUs in either order", full, *(PlaceOrder(order=each) for each in crossed))
    bowls = PlaceOrder(order=_order("SO-2", BOWL=1))
    yield _race("nothing in common but the history", waiting, receive, bowls)
    whole = PlaceOrder(order=_order("SO-1", MUG=3), shortfall="refuse")
    twice = [("a", whole)]
    yield Race(name="one message, delivered twice", start=full, first=twice, second=twice)


def _race(name: str, start: Snapshot, first: Command, second: Command) -> Race:
    return Race(name=name, start=start, first=[("a", first)], second=[("b", second)])


_SHORTFALLS: Final[dict[str, Shortfall]] = {
    "all or nothing": "refuse",
    "the rest waits": "backorder",
}


def _order(id_: str, **wanted: int) -> Order:
    return Order.of(id_, "2026-01-04", wanted)


def _shop(*orders: Order, **stock: int) -> Snapshot:
    receipt = ScheduledReceipt(id=ReceiptId("PO-1"), sku=Sku("MUG"), quantity=4, due=_NOW)
    shop = Snapshot.of(
        as_of=_NOW,
        items=[Item(sku=Sku("BOWL")), Item(sku=Sku("MUG"))],
        stock=stock,
        receipts=[receipt],
        orders=orders,
    )
    return plan(shop, policy=Fifo()).outcome


@attrs.frozen
class _Step:
    """Who went and who else could have, after whom."""

    before: int | None
    worker: int
    others: tuple[int, ...]

    @property
    def goes_on(self) -> bool:
        """Whether the worker of the step before could have gone on."""
        return self.before in {self.worker, *self.others}

    @property
    def switches(self) -> bool:
        """Whether it could, and was stopped."""
        return self.goes_on and self.worker != self.before


def _in_every_order(run: Callable[[Sequence[int]], list[_Step]], most: int | None) -> int:
    """Run again and again, each time in another order; give how often."""
    pending: list[tuple[int, ...]] = [()]
    runs = 0
    while pending:
        order = pending.pop()
        steps = run(order)
        runs += 1
        for place in range(len(order), len(steps)):
            before, step = steps[:place], steps[place]
            switches = sum(each.switches for each in before) + step.goes_on
            if most is None or switches <= most:
                taken = tuple(each.worker for each in before)
                pending.extend((*taken, other) for other in step.others)
    return runs


_State = Literal["going", "waiting", "yielding", "done"]


class _Turns:
    """Lets one of two workers go at a time, in an order, and notes who else could have gone."""

    def __init__(self, order: Sequence[int]) -> None:
        self._order = order
        self._changed = Condition()
        self._states: list[_State] = ["going", "going"]
        self._turn: int | None = None
        self.steps: list[_Step] = []

    def wait(self, worker: int, *, yields: bool = False) -> None:
        """Stop a worker until it is its turn; one that yields lets the other go first."""
        with self._changed:
            self._states[worker] = "yielding" if yields else "waiting"
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._turn == worker)
            self._states[worker] = "going"
            self._turn = None
            self._changed.notify_all()

    def end(self, worker: int) -> None:
        """Note that a worker is done."""
        with self._changed:
            self._states[worker] = "done"
            self._changed.notify_all()

    def conduct(self) -> None:
        """
        Let the workers go until both are done.

        Raises:
            AssertionError: if each waits for the other.
        """
        with self._changed:
            while set(self._states) != {"done"}:
                # A step that takes long waits for a lock, which the other one has.
                self._changed.wait_for(lambda: "going" not in self._states, _BLOCKED)
                if not self._changed.wait_for(self._may_go_on, _STUCK):
                    raise AssertionError("the workers wait for each other")
                self._give_turn()

    def _may_go_on(self) -> bool:
        return bool(self._ready()) or set(self._states) == {"done"}

    def _ready(self) -> list[int]:
        """Give who may have the turn; who yields only if nobody else is there."""
        for wanted in ("waiting", "yielding"):
            ready = [place for place, state in enumerate(self._states) if state == wanted]
            if ready:
                return ready
        return []

    def _give_turn(self) -> None:
        ready = self._ready()
        if not ready:
            return
        before = self.steps[-1].worker if self.steps else None
        chosen = before if before in ready else ready[0]
        laid_down = self._order[len(self.steps) : len(self.steps) + 1]
        if laid_down and laid_down[0] in ready:
            chosen = laid_down[0]
        others = tuple(place for place in ready if place != chosen)
        self.steps.append(_Step(before, chosen, others))
        self._turn = chosen
        self._changed.notify_all()
        self._changed.wait_for(lambda: self._turn is None)


@attrs.frozen
class _Stepping:
    """A store whose every call is a step."""

    store: Store

    def load(self, wanted: Wanted, /) -> Loaded:
        switch_point()
        return self.store.load(wanted)

    def commit(self, commit: Commit, /) -> Committed:
        switch_point()
        return self.store.commit(commit)

    def find_commit(self, key: str, /) -> Committed | None:
        switch_point()
        return self.store.find_commit(key)

    def history(self, after: int = 0, /) -> Iterable[Committed]:
        switch_point()
        return self.store.history(after)


@attrs.frozen
class _SteppingLocks(_Stepping):
    """The same of a store that locks; what happens within is one step."""

    locking: LockingStore

    def exclusively(
        self, key: str, wanted: Wanted, propose: Callable[[Loaded], Commit | None], /
    ) -> Committed | None:
        switch_point()
        return self.locking.exclusively(key, wanted, propose)


def _stepping(store: Store) -> Store:
    return _SteppingLocks(store, store) if isinstance(store, LockingStore) else _Stepping(store)


def _run(
    race: Race,
    stores: Sequence[Store],
    order: Sequence[int],
    policy: AllocationPolicy,
    *,
    locks: bool,
) -> list[_Step]:
    """Let the workers race in one order, and see what it came to."""
    turns = _Turns(order)
    told: list[Told] = []
    broken: list[Exception] = []

    def work(worker: int, store: Store, jobs: Iterable[Job]) -> None:
        _here.turns, _here.worker = turns, worker
        shop = Backorders(
            _stepping(store),
            policy=policy,
            locks=locks,
            patience=_TRIES,
            clock=lambda: _NOW,
            monotonic=partial(next, count()),
            pause=lambda _: turns.wait(worker, yields=True),
        )
        try:
            for key, command in jobs:
                told.append(Told(key=key, outcome=outcome_of(shop, key, command), at=_NOW))
        except Exception as error:  # noqa: BLE001 - it is raised where all are done
            broken.append(error)
        finally:
            turns.end(worker)

    work_of = zip((0, 1), stores, (race.first, race.second), strict=True)
    # Daemons, since workers that wait for each other never end.
    threads = [Thread(target=work, args=each, daemon=True) for each in work_of]
    for thread in threads:
        thread.start()
    turns.conduct()
    for thread in threads:
        thread.join()
    schedule = "".join("AB"[step.worker] for step in turns.steps)
    where = f"{race.name}, in the order {schedule}"
    if broken:
        raise AssertionError(f"{where}: {broken[0]!r}") from broken[0]
    asked = dict((*race.first, *race.second))
    found = audit(race.start, stores[0], policy=policy, asked=asked, told=told)
    if found.problems:
        raise AssertionError(f"{where}: {'; '.join(found.problems)}")
    return turns.steps
