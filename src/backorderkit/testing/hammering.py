"""Many workers at once on few SKUs; what came of it is counted in the store itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from random import Random
from threading import Thread
from typing import Final

import attrs

from backorderkit.commands import CancelOrder, Command, PlaceOrder, ReceiveStock, ShipOrder
from backorderkit.errors import ConflictError
from backorderkit.model import Item, Order, OrderId, Sku, Snapshot
from backorderkit.policies import AllocationPolicy, Fifo
from backorderkit.service import Backorders, Done
from backorderkit.storage.abilities import LockingStore
from backorderkit.storage.protocol import Commit, Committed, Loaded, Store, Wanted
from backorderkit.testing._audit import Told, audit
from backorderkit.testing.locking_conformance import StoreWithLocks

_NOW: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
_PATIENCE: Final = timedelta(minutes=2)
"""How long a worker tries one command: everybody wants the same SKUs."""

_COLD: Final = 0.2
"""How many orders want what nobody else wants."""

_LONGEST_REST: Final = 0.02
"""Seconds that a worker may go on before he is killed."""

Job = tuple[str, Command]
"""A key and a command."""


@attrs.frozen(kw_only=True)
class HammerReport:
    """
    What a store came to after many workers were at it.

    All but the last three numbers are counted in its own history and state.

    Attributes:
        commands: How many were asked for.
        done: How many of them stand in the history.
        lost: How many do not, though somebody was told that they are done.
        doubled: How many stand there once more.
        oversold: Units that were allocated or shipped and never were there.
        problems: Everything that is wrong, one sentence each.
        retries: How often somebody else was faster.
        killed: How many workers were killed.
        seconds: How long it took.
    """

    commands: int
    done: int
    lost: int
    doubled: int
    oversold: int
    problems: tuple[str, ...]
    retries: int
    killed: int
    seconds: float


def hot_shop(*, hot: int = 2, cold: int = 0) -> Snapshot:
    """
    Give what a store must hold before it is hammered.

    Args:
        hot: How many SKUs everybody wants.
        cold: How many are wanted now and then.

    >>> [level.on_hand for level in hot_shop(hot=1, cold=2).stock]
    [20, 20, 20]
    """
    skus = (*_skus("HOT", hot), *_skus("COLD", cold))
    return Snapshot.of(
        as_of=_NOW,
        items=[Item(sku=sku) for sku in skus],
        stock=dict.fromkeys(map(str, skus), 20),
    )


def hammer_threads(
    open_store: Callable[[], Store],
    *,
    workers: int = 4,
    orders: int = 20,
    seed: int = 0,
    hot: int = 2,
    cold: int = 0,
    locks: bool = True,
    policy: AllocationPolicy | None = None,
    close_store: Callable[[Store], object] | None = None,
) -> HammerReport:
    """
    Let threads place, receive, ship and cancel on two SKUs as fast as they can.

    Args:
        open_store: Gives each worker a handle on the same data, which hold `hot_shop`
            and nothing else.  It may be the same one for all.
        workers: How many threads.
        orders: How many orders each of them places.
        seed: Chooses what they order.
        hot: How many SKUs everybody wants, as in `hot_shop`.
        cold: How many are wanted by one order in five.
        locks: Whether the store's lock is used where it has one.
        policy: Who gets scarce supply; `Fifo` if absent.
        close_store: Puts a handle away; called by the thread that had it.

    >>> from backorderkit.storage import MemoryStore
    >>> store = MemoryStore(hot_shop())
    >>> report = hammer_threads(lambda: store, orders=3)
    >>> report.done == report.commands, report.problems
    (True, ())
    """
    load = _Workload(workers, orders, seed, hot, cold)
    crew = _Crew(open_store, close_store, policy or Fifo(), load, locks)
    answers: list[_Answer] = []
    started = time.monotonic()
    threads = [
        Thread(target=crew.work, args=(jobs, answers.append)) for jobs in crew.jobs_by_worker()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return crew.report(answers, seconds=time.monotonic() - started)


def hammer_processes(
    open_store: Callable[[], Store],
    *,
    workers: int = 2,
    orders: int = 20,
    seed: int = 0,
    hot: int = 2,
    cold: int = 0,
    locks: bool = True,
    policy: AllocationPolicy | None = None,
    close_store: Callable[[Store], object] | None = None,
    kill_every: int | None = None,
) -> HammerReport:
    """
    Let processes do the same, and kill some of them on the way.

    Whoever is killed (SIGKILL, no time for a last word) is replaced by a new worker,
    which asks for all that is not known to be done, with the same keys.

    Args:
        open_store: As for `hammer_threads`; pickled, so a function of a module, or a
            ``functools.partial`` of one.
        workers: How many processes.
        orders: How many orders each of them places.
        seed: Chooses what they order, and who is killed.
        hot: How many SKUs everybody wants, as in `hot_shop`.
        cold: How many are wanted by one order in five.
        locks: Whether the store's lock is used where it has one.
        policy: Who gets scarce supply; `Fifo` if absent.  Pickled, too.
        close_store: Puts a handle away; called by the process that had it.  Pickled, too.
        kill_every: Somebody is killed after so many answers; nobody if None.
    """
    load = _Workload(workers, orders, seed, hot, cold)
    crew = _Crew(open_store, close_store, policy or Fifo(), load, locks)
    hands = [_Hand(crew, jobs) for jobs in crew.jobs_by_worker()]
    started = time.monotonic()
    killed = _watch(hands, kill_every, Random(seed))  # noqa: S311 - no secret
    answers = [answer for hand in hands for answer in hand.answers]
    return crew.report(answers, seconds=time.monotonic() - started, killed=killed)


@attrs.frozen
class _Answer:
    """What a worker was told, and how often somebody was faster; or what it broke down of."""

    key: str
    done: Done | None
    conflicts: int = 0
    broken: str = ""


@attrs.frozen
class _Crew:
    """What all workers work with, and what they do."""

    open_store: Callable[[], Store]
    close_store: Callable[[Store], object] | None
    policy: AllocationPolicy
    load: _Workload
    locks: bool

    def jobs_by_worker(self) -> list[list[Job]]:
        return [list(self.load.jobs_of(worker)) for worker in range(self.load.workers)]

    def work(self, jobs: Iterable[Job], tell: Callable[[_Answer], object]) -> None:
        """Do some jobs one after another; a job that breaks down ends them all."""
        key = "the start"
        try:
            store = self.open_store()
            try:
                watched = _Watching(store) if isinstance(store, LockingStore) else _Watched(store)
                shop = Backorders(watched, locks=self.locks, policy=self.policy, patience=_PATIENCE)
                for key, command in jobs:
                    watched.conflicts = 0
                    done = shop.do(command, key=key)
                    tell(_Answer(key, done, watched.conflicts))
            finally:
                if self.close_store is not None:
                    self.close_store(store)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
            tell(_Answer(key, None, broken=f"a worker broke down at {key}: {error!r}"))

    def report(
        self, answers: Sequence[_Answer], *, seconds: float, killed: int = 0
    ) -> HammerReport:
        asked = {key: command for jobs in self.jobs_by_worker() for key, command in jobs}
        told = [
            Told(key=answer.key, outcome=answer.done, at=_NOW)
            for answer in answers
            if answer.done is not None
        ]
        store = self.open_store()
        try:
            start = hot_shop(hot=self.load.hot, cold=self.load.cold)
            found = audit(start, store, policy=self.policy, asked=asked, told=told, naive=False)
        finally:
            if self.close_store is not None:
                self.close_store(store)
        undone = len(asked) - found.done
        return HammerReport(
            commands=len(asked),
            done=found.done,
            lost=found.lost,
            doubled=found.doubled,
            oversold=found.oversold,
            problems=(
                *(answer.broken for answer in answers if answer.broken),
                *([f"{undone} commands are not done"] if undone else []),
                *found.problems,
            ),
            retries=sum(answer.conflicts for answer in answers),
            killed=killed,
            seconds=seconds,
        )


class _Watched:
    """A store that counts how often somebody else was faster."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.conflicts = 0

    def load(self, wanted: Wanted, /) -> Loaded:
        return self._store.load(wanted)

    def commit(self, commit: Commit, /) -> Committed:
        try:
            return self._store.commit(commit)
        except ConflictError:
            self.conflicts += 1
            raise

    def find_commit(self, key: str, /) -> Committed | None:
        return self._store.find_commit(key)

    def history(self, after: int = 0, /) -> Iterable[Committed]:
        return self._store.history(after)


class _Watching(_Watched):
    """The same of a store that locks."""

    def __init__(self, store: StoreWithLocks) -> None:
        super().__init__(store)
        self._locking = store

    def exclusively(
        self, key: str, wanted: Wanted, propose: Callable[[Loaded], Commit | None], /
    ) -> Committed | None:
        try:
            return self._locking.exclusively(key, wanted, propose)
        except ConflictError:
            self.conflicts += 1
            raise


def _skus(name: str, count: int) -> tuple[Sku, ...]:
    return tuple(Sku(f"{name}-{number}") for number in range(1, count + 1))


@attrs.frozen
class _Workload:
    """What all workers ask for: it depends on nothing, so that another can go on with it."""

    workers: int
    orders: int
    seed: int
    hot: int
    cold: int

    def jobs_of(self, worker: int) -> Iterator[Job]:
        choose = Random(f"{self.seed}-{worker}")  # noqa: S311 - no secret
        hot, cold = _skus("HOT", self.hot), _skus("COLD", self.cold)
        for number in range(self.orders):
            id_ = f"SO-{worker}-{number}"
            several = cold if cold and choose.random() < _COLD else hot
            skus = choose.sample(several, k=min(len(several), choose.randint(1, 2)))
            order = Order.of(id_, "2026-01-02", {str(sku): choose.randint(1, 2) for sku in skus})
            come = choose.choice(skus)
            yield f"{id_}-place", PlaceOrder(order=order)
            yield f"{id_}-receive", ReceiveStock(sku=come, quantity=choose.randint(1, 2))
            yield f"{id_}-ship", ShipOrder(order=OrderId(id_))
            if not number % 4:
                yield f"{id_}-cancel", CancelOrder(order=OrderId(id_))


class _Hand:
    """A worker's place: one process after another does what is left."""

    def __init__(self, crew: _Crew, jobs: Sequence[Job]) -> None:
        self._crew = crew
        self._left = dict(jobs)
        self.answers: list[_Answer] = []
        self._start()

    def _start(self) -> None:
        # Not forked: a child must not share connections with its parent.
        context = get_context("spawn")
        self.reader, writer = context.Pipe(duplex=False)
        self._process: SpawnProcess = context.Process(
            target=_work, args=(self._crew, list(self._left.items()), writer), daemon=True
        )
        self.has_begun = False
        self._process.start()
        writer.close()

    @property
    def is_over(self) -> bool:
        """Whether nobody works here any more."""
        return self.reader.closed

    def listen(self) -> None:
        """Take an answer, or note that the process has ended."""
        if self._hear():
            return
        self._bury()
        if self._left and not any(answer.broken for answer in self.answers):
            ended = f"a worker ended with code {self._process.exitcode}"
            self.answers.append(_Answer("", None, broken=ended))

    def kill(self) -> None:
        """Kill the process, and let a new one do what is not known to be done."""
        self._process.kill()
        while self._hear():
            pass
        self._bury()
        if self._left:
            self._start()

    def _hear(self) -> bool:
        try:
            answer: _Answer = self.reader.recv()
        except (EOFError, OSError):
            # Nothing more will come, or the last answer broke off in the middle.
            return False
        self.has_begun = True
        self.answers.append(answer)
        self._left.pop(answer.key, None)
        return True

    def _bury(self) -> None:
        self.reader.close()
        self._process.join()


def _work(crew: _Crew, jobs: Sequence[Job], writer: Connection) -> None:
    """Work in a process of its own."""
    crew.work(jobs, writer.send)
    writer.close()


def _watch(hands: Sequence[_Hand], kill_every: int | None, choose: Random) -> int:
    """Listen until all is done, and kill somebody after every so many answers; give how many."""
    killed, heard = 0, 0
    while busy := {hand.reader: hand for hand in hands if not hand.is_over}:
        for reader in wait(list(busy)):
            if isinstance(reader, Connection):
                busy[reader].listen()
                heard += 1
        if kill_every is not None and heard >= (killed + 1) * kill_every:
            # Who is killed before he has begun never gets anything done.
            begun = [hand for hand in hands if hand.has_begun and not hand.is_over]
            # Anywhere in what he does next.
            time.sleep(choose.uniform(0, _LONGEST_REST))
            for hand in begun and [choose.choice(begun)]:
                hand.kill()
                killed += 1
    return killed
