"""Holds what a store has against its own history, and that against what was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import attrs

from backorderkit.changes import Adjusted, Allocated, Placed, Received
from backorderkit.commands import Command
from backorderkit.errors import BackorderKitError, InvalidInputError, InvalidValueError, StoreError
from backorderkit.model import Sku, Snapshot
from backorderkit.planning import Answer, Book, answer, plan
from backorderkit.policies import AllocationPolicy
from backorderkit.service import Backorders, Done
from backorderkit.storage.protocol import Committed, Store, Wanted
from backorderkit.testing._naive import NoSuch, after


@attrs.frozen(kw_only=True)
class Told:
    """
    What somebody who asked was told.

    Attributes:
        key: What was asked for.
        outcome: What it did, or an error.
        at: When the answer came.
        since: How many commits there were at least when it was asked.
        until: How many there were at most when the answer came; any if None.
    """

    key: str
    outcome: object
    at: datetime
    since: int = 0
    until: int | None = None

    @property
    def done(self) -> Done | None:
        """What it did, if it was carried out."""
        if isinstance(self.outcome, Done) and self.outcome.accepted:
            return self.outcome
        return None


@attrs.frozen(kw_only=True)
class Findings:
    """
    What an audit counted in a store's own history and state.

    Attributes:
        done: Commands that stand in the history.
        lost: Commands that somebody was told are done, and that do not stand there.
        doubled: Commits of a key that stand there once already.
        oversold: Units that were allocated or shipped and that never were there.
        problems: Everything that is wrong, one sentence each.
    """

    done: int
    lost: int
    doubled: int
    oversold: int
    problems: tuple[str, ...]


def audit(
    start: Snapshot,
    store: Store,
    *,
    policy: AllocationPolicy,
    asked: Mapping[str, Command],
    told: Sequence[Told],
    naive: bool = True,
) -> Findings:
    """
    See that a store did what was asked for, once, and as one after another would have.

    Args:
        start: What was true before.
        store: Where it is true now; nobody works on it.
        policy: Who gets scarce supply.
        asked: All commands, by key.
        told: All answers.
        naive: Whether it is held against the naive model, too, which is slow.
    """
    history = list(store.history())
    # Orders that are closed are loaded by name alone.
    orders = {order.id for order in start.orders}
    orders.update(
        fact.order.id for made in history for fact in made.facts if isinstance(fact, Placed)
    )
    now = store.load(Wanted(skus=skus_in(start), orders=orders)).snapshot
    now = now.at(max((made.as_of for made in history), default=start.as_of))
    counts = Counter(made.key for made in history)
    lost = sorted({each.key for each in told if each.done and each.key not in counts})
    oversold, unbalanced = _units(start, history, now)
    replay = _Replay.of(start, history, policy)
    problems = [
        *(f"command {key} is lost" for key in lost),
        *(f"command {key} is done {count} times" for key, count in counts.items() if count > 1),
        *([f"{oversold} units are oversold"] if oversold else []),
        *unbalanced,
        *_wrong_order(history),
        *_wrong_commands(history, asked),
        *_wrong_answers(replay, asked, told),
        *replay.problems,
        *_wrong_state(now, policy),
    ]
    if not replay.problems:
        if replay.books[-1].snapshot.at(now.as_of) != now:
            problems.append("what is loaded is not what the history comes to")
        if naive:
            problems.extend(_wrong_in_plain(start, history, now))
    return Findings(
        done=len(counts),
        lost=len(lost),
        doubled=len(history) - len(counts),
        oversold=oversold,
        problems=tuple(problems),
    )


def outcome_of(shop: Backorders, key: str, command: Command) -> Done | BackorderKitError:
    """Give what a service answers, or the error that it ends in."""
    try:
        return shop.do(command, key=key)
    except (InvalidInputError, StoreError) as error:
        return error


def skus_in(book: Snapshot) -> list[Sku]:
    """Give all SKUs that a store was started with."""
    found = {level.sku for level in book.stock} | {item.sku for item in book.items or ()}
    found |= {line.sku for order in book.orders for line in order.lines}
    return sorted(found | {receipt.sku for receipt in book.receipts})


@attrs.frozen
class _Replay:
    """A history, carried out again one after another: the books before each commit, and after."""

    history: Sequence[Committed]
    policy: AllocationPolicy
    books: Sequence[Book]
    problems: Sequence[str]

    @classmethod
    def of(cls, start: Snapshot, history: Sequence[Committed], policy: AllocationPolicy) -> _Replay:
        """See that every commit is what its command comes to after the one before."""
        books = [Book.of(start)]
        for made in history:
            found = _answered(books[-1].at(made.as_of), made.command, policy)
            if found is None:
                problem = f"commit {made.sequence} does not fit what was true before it"
            elif found.changes != made.facts:
                problem = f"commit {made.sequence} is based on what was not true any more"
            else:
                books.append(found.outcome)
                continue
            return cls(history, policy, books, [problem])
        return cls(history, policy, books, [])

    def was_right(self, said: Told, command: Command) -> bool:
        """Tell whether a command could be answered by no, at some time while it was asked for."""
        for place, book in enumerate(self.books):
            if any(made.key == said.key for made in self.history[:place]):
                return False
            if place >= said.since and (said.until is None or place <= said.until):
                found = _answered(book.at(said.at), command, self.policy)
                if found is None or not found.accepted:
                    return True
        return bool(self.problems)


def _answered(book: Book, command: Command, policy: AllocationPolicy) -> Answer[Book] | None:
    """Give what a command comes to, or None if it does not fit."""
    try:
        return answer(book, command, policy=policy)
    except InvalidInputError:
        return None


def _wrong_order(history: Sequence[Committed]) -> Iterator[str]:
    sequences = [made.sequence for made in history]
    if sequences != list(range(1, len(history) + 1)):
        yield f"the history counts {sequences}"


def _wrong_commands(history: Iterable[Committed], asked: Mapping[str, Command]) -> Iterator[str]:
    for made in history:
        if asked.get(made.key) != made.command:
            yield f"command {made.key} stands in the history as {made.command}"


def _wrong_answers(
    replay: _Replay, asked: Mapping[str, Command], told: Iterable[Told]
) -> Iterator[str]:
    by_key = {made.key: made for made in replay.history}
    for said in told:
        made = by_key.get(said.key)
        if said.done is None:
            if not replay.was_right(said, asked[said.key]):
                yield f"command {said.key} was answered {said.outcome!r}, which was never true"
        elif made and (said.done.changes, said.done.sequence) != (made.facts, made.sequence):
            yield f"command {said.key} is told to have done something else than it did"


def _wrong_in_plain(start: Snapshot, history: Iterable[Committed], now: Snapshot) -> Iterator[str]:
    """See that the naive model has it the same."""
    book = start
    for made in history:
        book = book.at(made.as_of)
        for fact in made.facts:
            try:
                book = after(fact, book)
            except (InvalidInputError, InvalidValueError, NoSuch, LookupError) as error:
                yield f"commit {made.sequence} does not fit the naive model: {error!r}"
                return
    if book.at(now.as_of) != now:
        yield "what is loaded is not what the naive model comes to"


def _wrong_state(now: Snapshot, policy: AllocationPolicy) -> Iterator[str]:
    """See that nobody waits for what is there, and that what waits is written down."""
    remembered = Counter({(each.order, each.line): each.quantity for each in now.backorders})
    for order in now.orders:
        for line in order.lines:
            waiting = now.line(order.id, line.id).unallocated
            if waiting != remembered[order.id, line.id]:
                yield f"order {order.id} waits for {waiting} units, and it says otherwise"
    # Nobody is told that a hold lapses: its units are free when somebody asks for them.
    later = now.as_of + timedelta(days=1)
    kept = [attrs.evolve(hold, expires_at=max(hold.expires_at, later)) for hold in now.holds]
    try:
        changes = plan(attrs.evolve(now, holds=kept), policy=policy).changes
    except BackorderKitError as error:
        yield f"what is loaded cannot be planned: {error!r}"
        return
    for change in changes:
        if isinstance(change, Allocated):
            yield f"order {change.order} waits, and {change.quantity} units are free"


def _units(start: Snapshot, history: Iterable[Committed], now: Snapshot) -> tuple[int, list[str]]:
    """Count what left or is allocated beyond what there ever was, and what does not add up."""
    there, shipped, allocated = Counter[Sku](), Counter[Sku](), Counter[Sku]()
    on_hand = Counter[Sku]()
    for level in start.stock:
        there[level.sku] += level.on_hand
    for made in history:
        for fact in made.facts:
            if isinstance(fact, Received | Adjusted):
                there[fact.sku] += fact.quantity
    for book, sign in ((now, 1), (start, -1)):
        for order in book.orders:
            for line in order.lines:
                shipped[line.sku] += sign * line.shipped
    for position in now.positions:
        allocated[position.sku] += position.allocated
        on_hand[position.sku] += position.on_hand
    skus = sorted({*there, *shipped, *on_hand})
    problems = [
        f"of {there[sku]} units of {sku}, {shipped[sku]} are shipped and {on_hand[sku]} on hand"
        for sku in skus
        if there[sku] != shipped[sku] + on_hand[sku]
    ]
    over = sum(max(0, shipped[sku] + allocated[sku] - there[sku]) for sku in skus)
    return over, problems
