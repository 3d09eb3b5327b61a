"""A history is told the same whoever tells it, from wherever on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    Backordered,
    CancelOrder,
    Command,
    Fifo,
    InvalidInputError,
    Item,
    Order,
    OrderId,
    PlaceOrder,
    ReceiveStock,
    ShipOrder,
    Sku,
    Snapshot,
    notices,
    plan,
)
from backorderkit.service import Backorders
from backorderkit.sql import SqlStore
from backorderkit.storage import MemoryStore, Published, published
from backorderkit.storage.steps import wanted_by
from backorderkit.testing import commands_for, snapshots

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
START = Snapshot.of(
    as_of=NOW, items=[Item(sku=Sku("MUG")), Item(sku=Sku("BOWL"))], stock={"MUG": 3}
)
DAY: list[Command] = [
    PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 5, "BOWL": 1})),
    PlaceOrder(order=Order.of("SO-2", "2026-01-05", {"MUG": 2})),
    ReceiveStock(sku=Sku("MUG"), quantity=3),
    CancelOrder(order=OrderId("SO-2")),
    ShipOrder(order=OrderId("SO-1")),
]


def a_day() -> MemoryStore:
    store = MemoryStore(START)
    moments = iter(NOW + timedelta(hours=hour) for hour in range(1, 99))
    shop = Backorders(store, policy=Fifo(), clock=lambda: next(moments))
    for number, command in enumerate(DAY, start=1):
        shop.do(command, key=f"key-{number}")
    return store


def in_short(told: Iterator[Published]) -> list[list[str]]:
    return [[each.kind for each in commit.notices] for commit in told]


def test_each_commit_is_told_in_order_and_by_its_key() -> None:
    store = a_day()

    told = list(published(store.history(), start=START))

    assert in_short(iter(told)) == [
        ["placed", "allocated", "opened", "opened"],
        ["placed", "opened"],
        ["received", "allocated", "filled", "allocated", "filled_in_part"],
        ["released", "cancelled", "closed"],
        ["shipped"],
    ]
    assert {each.id.split("/")[0] for each in told[2].notices} == {"key-3"}
    assert {each.at for each in told[2].notices} == {NOW + timedelta(hours=3)}
    assert told[-1].after.snapshot == attrs.evolve(store.snapshot, items=None)


def test_it_goes_on_from_any_place_with_the_same_notices() -> None:
    store = a_day()
    whole = list(published(store.history(), start=START))

    for at, told in enumerate(whole):
        rest = published(store.history(told.commit.sequence), start=told.after)
        assert [each.notices for each in rest] == [each.notices for each in whole[at + 1 :]]


@given(snapshots(), st.integers(1, 5), st.data())
def test_whoever_hears_all_notices_knows_what_waits(
    snapshot: Snapshot, steps: int, data: st.DataObject
) -> None:
    """
    The part that a command loads gives the notices of the whole, each with an id of its own.
    """
    start = plan(snapshot, policy=Fifo()).outcome
    store = MemoryStore(start)
    shop = Backorders(store, policy=Fifo(), clock=lambda: snapshot.as_of)
    parts = []
    for step in range(steps):
        command = data.draw(commands_for(store.snapshot))
        try:
            part = store.load(wanted_by(command)).snapshot.at(snapshot.as_of)
            done = shop.do(command, key=str(step))
        except (InvalidInputError, LookupError):
            continue
        if done.accepted:
            parts.append(notices(done.changes, before=part, id=done.key))
    whole = [told.notices for told in published(store.history(), start=start)]

    assert whole == parts
    all_told = [each for told in whole for each in told]
    assert len({each.id for each in all_told}) == len(all_told)
    waits = {(each.order, each.line): each.quantity for each in start.backorders}
    for each in all_told:
        if isinstance(each.fact, Backordered) and each.backordered is not None:
            waits[each.fact.order, each.fact.line] = each.backordered
    after = {(each.order, each.line): each.quantity for each in store.snapshot.backorders}
    assert {key: quantity for key, quantity in waits.items() if quantity} == after


def test_a_history_that_does_not_fit_its_start_is_refused() -> None:
    store = a_day()
    later = next(published(store.history(), start=START)).after

    with pytest.raises(InvalidInputError) as caught:
        list(published(store.history(), start=later))

    assert "must not be the id of an order that is there" in str(caught.value.exceptions[0])


def test_a_database_gives_back_what_was_true_before_what_is_unread(tmp_path: Path) -> None:
    """
    A publisher that crashed after sending tells the same again, and nothing else.
    """
    with SqlStore(f"sqlite:///{tmp_path}/shop.db", start=START) as store:
        shop = Backorders(store, policy=Fifo(), clock=lambda: NOW)
        for number, command in enumerate(DAY, start=1):
            shop.do(command, key=f"key-{number}")
        whole = list(published(store.history(), start=START))

        sent = []
        for told in published(store.unread("mails"), start=START):
            sent.append(told.notices)
            if told.commit.sequence == 3:
                break
            store.mark_read("mails", told.commit.sequence)
        unread = list(store.unread("mails"))
        start = store.replayed(NOW, until=unread[0].sequence - 1)
        again = [told.notices for told in published(unread, start=start)]

    assert again[0] == sent[-1]
    assert [*sent, *again[1:]] == [told.notices for told in whole]
