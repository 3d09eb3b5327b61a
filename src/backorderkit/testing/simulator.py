"""A shop on a bad day, by a seed: workers die, answers are lost, messages come twice and late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Generator, Iterable
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from random import Random
from typing import Final, Literal, TypeVar

import attrs

from backorderkit.aio import Backorders
from backorderkit.commands import CancelOrder, Command, PlaceOrder, ScheduleReceipt, ShipOrder
from backorderkit.errors import BackorderKitError, InvalidInputError, StoreError, UnavailableError
from backorderkit.model import (
    Item,
    Location,
    Order,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    StockLevel,
)
from backorderkit.planning import plan
from backorderkit.policies import AllocationPolicy, Fifo
from backorderkit.service import Done
from backorderkit.storage.memory import MemoryStore
from backorderkit.storage.protocol import Commit, Committed, Loaded, Store, Wanted
from backorderkit.testing._audit import Findings, Told, audit, skus_in
from backorderkit.testing._commands import Names, command_about
from backorderkit.testing.strategies import AS_OF

_Result = TypeVar("_Result")

_MOST_DELIVERIES: Final = 50
"""So often a command is delivered; then a worker's patience has ended again and again."""

_WEATHERS: Final = ((0.0, 0.0), (0.02, 0.02), (0.1, 0.05))
"""How likely a call or its answer is lost, and a worker dies, at each of them."""

_LEAPS: Final = (timedelta(),) * 3 + (timedelta(hours=1), timedelta(days=1), timedelta(days=4))


@attrs.frozen(kw_only=True)
class SimulationReport:
    """
    What came of a simulated day.

    Attributes:
        seed: Gives the same day again.
        commands: How many different commands were asked for.
        deliveries: How often a worker began with one.
        done: How many are done.
        refused: How often one was refused, or did not fit.
        retries: How often the service tried again, after conflicts and faults.
        faults: How often a call or its answer was lost.
        crashes: How often a worker died between two calls or with an answer on its way.
        problems: Everything that is wrong, one sentence each.
        story: What happened, one line each.
    """

    seed: int
    commands: int
    deliveries: int
    done: int
    refused: int
    retries: int
    faults: int
    crashes: int
    problems: tuple[str, ...]
    story: tuple[str, ...] = attrs.field(repr=False)


def simulate(
    seed: int,
    *,
    policy: AllocationPolicy | None = None,
    make_store: Callable[[Snapshot], Store] = MemoryStore,
    service: type[Backorders] = Backorders,
    commands: int = 12,
    workers: int = 3,
) -> SimulationReport:
    """
    Let a day pass in a small shop, and see afterwards that all is right.

    Nothing waits and nothing is left to chance: a seed chooses what is asked for, whose
    turn it is at each call of the store, what is lost, who dies, what is delivered
    again or too late, and how the clock goes on.  The workers run the service itself.

    Afterwards every commit must follow from the one before; every command is done once, or
    refused while that was right; nothing is oversold, lost or free while somebody waits;
    a reader of the history missed nothing; and what is loaded is what the history and a
    naive model come to.

    Args:
        seed: Gives the same day each time.
        policy: Who gets scarce supply; `Fifo` if absent.
        make_store: Gives a store that holds a snapshot; sync, and fast.
        service: Carries commands out.
        commands: How many are asked for.
        workers: How many carry them out.

    >>> report = simulate(4711)
    >>> report.problems
    ()
    """
    choose = Random(seed)  # noqa: S311 - no secret
    day = _Day(choose, policy or Fifo(), make_store, service, workers)
    try:
        for number in range(commands):
            day.ask(number)
            day.go_on(until=choose.randint(0, workers))
        day.go_on(until=0)
        found = day.look_back()
    except Exception as error:  # noqa: BLE001 - a store that is wrong may raise anything
        day.problems.append(f"it broke down: {error!r}")
        found = None
    return day.report(seed, found)


class _Fate(Enum):
    FINE = "fine"
    LOST = "lost"


@attrs.frozen
class _Stop:
    """Where a worker stands still until it is its turn."""

    kind: Literal["call", "answer", "pause"]
    seconds: float = 0.0

    def __await__(self) -> Generator[_Stop, _Fate, _Fate]:
        return (yield self)


@attrs.frozen
class _Wire:
    """The way to the store and back; either may be lost."""

    store: Store

    async def load(self, wanted: Wanted, /) -> Loaded:
        return await _called(lambda: self.store.load(wanted))

    async def commit(self, commit: Commit, /) -> Committed:
        return await _called(lambda: self.store.commit(commit))

    async def find_commit(self, key: str, /) -> Committed | None:
        return await _called(lambda: self.store.find_commit(key))

    async def history(self, after: int = 0, /) -> Iterable[Committed]:
        return await _called(lambda: self.store.history(after))


async def _called(work: Callable[[], _Result]) -> _Result:
    if await _Stop("call") is _Fate.LOST:
        raise UnavailableError("the call is lost")
    found = work()
    if await _Stop("answer") is _Fate.LOST:
        raise UnavailableError("the answer is lost")
    return found


_Task = Coroutine[_Stop, _Fate | None, Done]


@attrs.define
class _Worker:
    """Carries out one command at a time."""

    name: str
    shop: Backorders = attrs.field(init=False)
    task: _Task | None = None
    stop: _Stop = attrs.field(init=False)
    key: str = ""
    since: int = 0
    wakes: float = 0.0
    looked_at: datetime = AS_OF


class _Day:
    """Everything there is in a simulated day."""

    def __init__(
        self,
        choose: Random,
        policy: AllocationPolicy,
        make_store: Callable[[Snapshot], Store],
        service: type[Backorders],
        workers: int,
    ) -> None:
        self._choose = choose
        self._policy = policy
        self._start = _shop(choose, policy)
        self._store = make_store(self._start)
        self._seconds = 0.0
        self._leaps = timedelta()
        self._losses, self._deaths = choose.choice(_WEATHERS)
        self._due: list[tuple[float, str]] = []
        self._asked: dict[str, Command] = {}
        # Orders that are closed are loaded by name alone.
        self._orders = {order.id for order in self._start.orders}
        self._told: list[Told] = []
        self._read: list[Committed] = []
        self._counts = Counter[str]()
        self._deliveries = Counter[str]()
        self.problems: list[str] = []
        self._story: list[str] = []
        self._workers = [_Worker(name=f"worker {number}") for number in range(1, workers + 1)]
        for worker in self._workers:
            worker.shop = service(
                _Wire(self._store),
                policy=policy,
                clock=partial(self._look_at_clock, worker),
                monotonic=lambda: self._seconds,
                pause=self._pause,
            )

    def ask(self, number: int) -> None:
        """Send a command on its way, perhaps twice, and perhaps with another after it."""
        self._leaps += self._choose.choice(_LEAPS)
        wanted = Wanted(skus=skus_in(self._start), orders=self._orders)
        loaded = self._store.load(wanted).snapshot
        command = command_about(Names.of(loaded.at(self._now)), self._choose)
        self._send(f"key-{number}", command)
        if self._choose.random() < 1 / 2:
            self._send_more(number, command)

    def _send_more(self, number: int, command: Command) -> None:
        """Send what belongs to a command, too; it may well arrive before."""
        match command:
            case PlaceOrder():
                kind = self._choose.choice((ShipOrder, CancelOrder))
                self._send(f"key-{number}-next", kind(order=command.order.id))
            case ScheduleReceipt():
                sku = self._choose.choice(skus_in(self._start))
                corrected = attrs.evolve(command.receipt, sku=sku)
                self._send(f"key-{number}-corrected", ScheduleReceipt(receipt=corrected))
            case _:
                return

    def go_on(self, *, until: int) -> None:
        """Let the workers go on until only so many deliveries are left."""
        while len(self._due) + len(self._busy()) > until:
            self._wait()
            able = [worker for worker in self._workers if self._is_able(worker)]
            worker = self._choose.choice(able)
            if worker.task is None:
                self._take(worker)
            else:
                self._go(worker, worker.task)
            if self._choose.random() < 1 / 4:
                self._read_on()

    def look_back(self) -> Findings:
        """See that all is right at the end of the day."""
        self._read_on()
        if self._read != list(self._store.history()):
            self.problems.append("a reader of the history missed something")
        return audit(
            self._start, self._store, policy=self._policy, asked=self._asked, told=self._told
        )

    def report(self, seed: int, found: Findings | None) -> SimulationReport:
        """Count what came of it."""
        return SimulationReport(
            seed=seed,
            commands=len(self._asked),
            deliveries=self._deliveries.total(),
            done=found.done if found else 0,
            refused=sum(said.done is None for said in self._told),
            retries=self._counts["retries"],
            faults=self._counts["faults"],
            crashes=self._counts["crashes"],
            problems=(*self.problems, *(found.problems if found else ())),
            story=tuple(self._story),
        )

    @property
    def _now(self) -> datetime:
        return AS_OF + self._leaps + timedelta(seconds=self._seconds)

    def _look_at_clock(self, worker: _Worker) -> datetime:
        worker.looked_at = self._now
        return self._now

    async def _pause(self, longest: float) -> None:
        self._counts["retries"] += 1
        await _Stop("pause", longest)

    def _send(self, key: str, command: Command) -> None:
        self._asked[key] = command
        if isinstance(command, PlaceOrder):
            self._orders.add(command.order.id)
        self._note(f"{key} is {command}")
        self._deliver(key, within=0.02)
        if self._choose.random() < 1 / 4:
            self._deliver(key, within=0.1)

    def _deliver(self, key: str, *, within: float) -> None:
        self._due.append((self._seconds + self._choose.uniform(0, within), key))

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.task is not None]

    def _is_able(self, worker: _Worker) -> bool:
        if worker.task is None:
            return any(due <= self._seconds for due, _ in self._due)
        return worker.wakes <= self._seconds

    def _wait(self) -> None:
        """Let time pass, at least until somebody is able to go on."""
        busy = self._busy()
        moments = [worker.wakes for worker in busy]
        if len(busy) < len(self._workers):
            moments += [due for due, _ in self._due]
        self._seconds = max(self._seconds + self._choose.random() * 0.004, min(moments))

    def _take(self, worker: _Worker) -> None:
        """Begin with a command, whichever of those that have arrived."""
        taken = self._choose.choice([each for each in self._due if each[0] <= self._seconds])
        self._due.remove(taken)
        _, key = taken
        self._deliveries[key] += 1
        if self._deliveries[key] > _MOST_DELIVERIES:
            self.problems.append(f"command {key} is never answered")
            return
        worker.key, worker.since = key, len(list(self._store.history()))
        worker.task = task = worker.shop.do(self._asked[key], key=key)
        self._note(f"{worker.name} begins with {key}")
        self._resume(worker, task, None)

    def _go(self, worker: _Worker, task: _Task) -> None:
        """Let a worker go on to the next stop, or die here."""
        fate = _Fate.FINE
        if worker.stop.kind != "pause":
            chance = self._choose.random()
            if chance < self._deaths:
                self._note(f"{worker.name} dies at a {worker.stop.kind}")
                self._counts["crashes"] += 1
                task.close()
                worker.task = None
                self._deliver(worker.key, within=0.1)
                return
            if chance < self._deaths + self._losses:
                self._note(f"{worker.name} loses a {worker.stop.kind}")
                self._counts["faults"] += 1
                fate = _Fate.LOST
        self._resume(worker, task, fate)

    def _resume(self, worker: _Worker, task: _Task, fate: _Fate | None) -> None:
        outcome: Done | BackorderKitError
        try:
            worker.stop = task.send(fate)
        except StopIteration as end:
            outcome = end.value
        except (InvalidInputError, StoreError) as error:
            outcome = error
        else:
            worker.wakes = self._seconds + self._choose.uniform(0, worker.stop.seconds)
            return
        worker.task = None
        self._note(f"{worker.name} ends {worker.key} with {outcome!r}")
        if isinstance(outcome, StoreError) and outcome.retryable:
            self._deliver(worker.key, within=0.1)
            return
        self._told.append(
            Told(
                key=worker.key,
                outcome=outcome,
                at=worker.looked_at,
                since=worker.since,
                until=len(list(self._store.history())),
            )
        )

    def _read_on(self) -> None:
        """Read what is new in the history, as a host does that passes it on."""
        self._read += self._store.history(self._read[-1].sequence if self._read else 0)

    def _note(self, line: str) -> None:
        self._story.append(f"{self._seconds:.4f} {line}")


def _shop(choose: Random, policy: AllocationPolicy) -> Snapshot:
    """Make a small shop in which much is short."""
    bowl, mug = Sku("BOWL"), Sku("MUG")
    shop = Snapshot(
        as_of=AS_OF,
        items=[
            Item(sku=bowl, backorders=choose.choice(("allow", "deny"))),
            Item(sku=mug, backorder_limit=choose.choice((None, 8))),
        ],
        stock=[
            StockLevel(
                sku=sku,
                location=Location(at),
                on_hand=choose.randint(0, 4),
                safety_stock=choose.choice((0, 0, 1)),
            )
            for sku in (bowl, mug)
            for at in ("EAST", "MAIN")
        ],
        receipts=[
            ScheduledReceipt(
                id=ReceiptId("PO-1"), sku=mug, quantity=choose.randint(1, 5), due=AS_OF
            )
        ],
        orders=[
            Order.of(f"SO-{number}", "2026-01-02", {"MUG": choose.randint(1, 5)})
            for number in range(choose.randint(0, 2))
        ],
    )
    return plan(shop, policy=policy).outcome
