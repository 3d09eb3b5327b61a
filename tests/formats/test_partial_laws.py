"""Laws of what is planned of a document with problems, on books that are broken at random."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import attrs
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from backorderkit import AllocationPolicy, Fifo, InvalidInputError, Order, Priority, Snapshot, plan
from backorderkit.formats import (
    Partial,
    dumps_snapshot,
    dumps_snapshot_csv,
    loads_partial,
    loads_partial_csv,
    loads_snapshot,
    loads_snapshot_csv,
)
from backorderkit.formats.fields import CHILDREN, CSV_COLUMNS, SECTIONS
from backorderkit.policies.protocol import policy_name
from backorderkit.testing import snapshots

Document = dict[str, Any]
BOOKS = snapshots(skus=("BOWL", "CUP", "MUG"), allocations=5, holds=3)
NAMES = ("id", "sku", "order", "line")


class Spot(NamedTuple):
    """A field of a record of a document, and the record that it stands in."""

    section: str
    record: Document
    parent: Document | None
    field: str


def spots(document: Document) -> list[Spot]:
    found: list[Spot] = []
    for section in SECTIONS:
        children = CHILDREN[section][0] if section in CHILDREN else None
        for record in document.get(section) or ():
            found += [Spot(section, record, None, name) for name in record if name != children]
            for child in record[children] if children else ():
                found += [Spot(section, child, record, name) for name in child]
    return found


def expected(spot: Spot, book: Snapshot) -> tuple[set[str], set[str]] | None:
    """Say which SKU and order a broken field touches; None where nobody can tell."""
    section, record, parent, field = spot
    lines = {(order.id, line.id): line for order in book.orders for line in order.lines}
    holders = {(each.order, each.line) for each in book.allocations}
    if section == "orders" and parent is None:
        return None if field == "id" else (set(), {record["id"]})
    if section == "orders" and parent is not None:
        holds = (parent["id"], record["id"]) in holders
        if field in {"id", "sku"} and holds:
            return None
        return (set() if field == "sku" else {record["sku"]}), {parent["id"]}
    if section in {"allocations", "backorders"}:
        whole = parent or record
        line = lines.get((whole["order"], whole["line"]))
        if parent is None and field == "order":
            return None
        if parent is None and field == "line":
            return None if section == "allocations" else (set(), {record["order"]})
        return ({line.sku} if line else set()), {whole["order"]}
    return None if field == "sku" else ({record["sku"]}, set())


def broken(spot: Spot, value: object) -> None:
    spot.record[spot.field if value is not None else "colour"] = value


# What no field may hold; None stands for a field that is not known.
BAD: tuple[object, ...] = ([], {"a": 1}, "\ud800", None)


def touches(order: Order, skus: Iterable[str]) -> bool:
    return any(line.sku in set(skus) for line in order.lines)


def without(book: Snapshot, skus: Iterable[str], orders: Iterable[str]) -> Snapshot:
    """Take SKUs and orders out of a book, and out of its stock what these orders hold."""
    gone, away = set(skus), set(orders)
    lines = {(order.id, line.id): line for order in book.orders for line in order.lines}
    held = dict[tuple[str, str], int]()
    for each in book.allocations:
        if each.order in away:
            pool = lines[each.order, each.line].sku, each.location
            held[pool] = held.get(pool, 0) + each.quantity
    return Snapshot(
        as_of=book.as_of,
        items=book.items and [item for item in book.items if item.sku not in gone],
        stock=[
            attrs.evolve(level, on_hand=level.on_hand - held.get((level.sku, level.location), 0))
            for level in book.stock
            if level.sku not in gone
        ],
        receipts=[each for each in book.receipts if each.sku not in gone],
        orders=[order for order in book.orders if order.id not in away],
        allocations=[each for each in book.allocations if each.order not in away],
        backorders=[each for each in book.backorders if each.order not in away],
        holds=[each for each in book.holds if each.sku not in gone],
    )


def comparable(book: Snapshot) -> Snapshot:
    """Leave out memory of lines that are gone: how it is counted hangs on the items there are."""
    kept = [each for each in book.backorders if book.find_line(each.order, each.line)]
    return attrs.evolve(book, backorders=tuple(kept)) if book.backorders else book


def refusal(read: Callable[[], object]) -> list[str]:
    try:
        read()
    except InvalidInputError as error:
        return [str(problem) for problem in error.exceptions]
    return []


def check(book: Snapshot, partial: Partial, problems: list[str]) -> None:
    """Hold what was read of a broken book against the book before it was broken."""
    aside = partial.set_aside
    assert [str(each) for each in aside.problems][: len(problems)] == problems
    assert bool(aside) == bool(problems)
    assert all(order.id in aside.orders for order in book.orders if touches(order, aside.skus))
    assert comparable(partial.snapshot) == comparable(without(book, aside.skus, aside.orders))


@given(BOOKS, st.data())
def test_one_broken_field_sets_aside_what_it_touches_and_no_more(
    book: Snapshot, data: st.DataObject
) -> None:
    document = json.loads(dumps_snapshot(book))
    assume(spots(document))
    spot = data.draw(st.sampled_from(spots(document)))
    value = data.draw(st.sampled_from(BAD))
    # A field that is not known leaves what the record is about as it was.
    there = spot if value is not None else spot._replace(field="colour")
    touched = expected(there, book)
    broken(spot, value)
    text = json.dumps(document)

    problems = refusal(lambda: loads_snapshot(text))

    assert problems
    event("whole" if touched is None else f"{spot.section}")
    if touched is None:
        assert refusal(lambda: loads_partial(text)) == problems
        return
    if spot.field == "decimals":
        # What is counted in parts of nobody knows what may be wrong, too.
        return
    partial = loads_partial(text)
    check(book, partial, problems)
    skus, orders = touched
    assert partial.set_aside.skus == tuple(sorted(skus))
    aside = {order.id for order in book.orders if touches(order, skus)}
    assert partial.set_aside.orders == tuple(sorted(aside | orders))


@given(BOOKS, st.data())
def test_nothing_broken_gets_through(book: Snapshot, data: st.DataObject) -> None:
    document = json.loads(dumps_snapshot(book))
    places = spots(document)
    assume(places)
    for spot in data.draw(st.lists(st.sampled_from(range(len(places))), max_size=4, unique=True)):
        broken(places[spot], data.draw(st.sampled_from(BAD)))
    for section in data.draw(st.lists(st.sampled_from([*SECTIONS]), max_size=2)):
        if document.get(section):
            again = data.draw(st.sampled_from(document[section]))
            document[section].insert(data.draw(st.integers(0, 9)), again)
    text = json.dumps(document)
    problems = refusal(lambda: loads_snapshot(text))

    try:
        partial = loads_partial(text)
    except InvalidInputError as refused:
        event("whole")
        assert [str(each) for each in refused.exceptions][: len(problems)] == problems
        return

    event(f"{len(partial.snapshot.orders)} of {len(book.orders)} orders left")
    check(book, partial, problems)


CELLS = [
    (section, column)
    for section, columns in CSV_COLUMNS.items()
    for column in columns
    if column not in {*NAMES, "location", "customer", "channel", "supplier", "unit", "currency"}
    and column != "promise_receipt"
]


@given(BOOKS, st.data())
def test_a_folder_keeps_what_a_document_keeps(book: Snapshot, data: st.DataObject) -> None:
    assume(all(order.lines for order in book.orders))
    files = dict(dumps_snapshot_csv(book))
    for section, column in data.draw(st.lists(st.sampled_from(CELLS), max_size=3)):
        name = f"{section}.csv"
        rows = list(csv.DictReader(io.StringIO(files.get(name, ""), newline="")))
        if not rows:
            continue
        for row in data.draw(st.lists(st.sampled_from(rows), min_size=1, max_size=2)):
            row[column] = "x"
        written = io.StringIO(newline="")
        writer = csv.DictWriter(written, CSV_COLUMNS[section])
        writer.writeheader()
        writer.writerows(rows)
        files[name] = written.getvalue()
    problems = refusal(lambda: loads_snapshot_csv(files, as_of=book.as_of))

    partial = loads_partial_csv(files, as_of=book.as_of)

    check(book, partial, problems)


def bare(book: Snapshot, skus: Iterable[str], orders: Iterable[str]) -> Snapshot:
    """Leave orders nothing but what they hold of SKUs that stay; take all else of SKUs out."""
    gone, away = set(skus), set(orders)
    held = {(each.order, each.line): 0 for each in book.allocations}
    for each in book.allocations:
        held[each.order, each.line] += each.quantity
    left = []
    for order in book.orders:
        lines = list(order.lines)
        if order.id in away:
            lines = [
                attrs.evolve(line, cancelled=line.ordered - line.shipped - held[order.id, line.id])
                for line in lines
                if line.sku not in gone and (order.id, line.id) in held
            ]
        left.append(attrs.evolve(order, lines=lines))
    keys = {(order.id, line.id) for order in left for line in order.lines}
    return Snapshot(
        as_of=book.as_of,
        items=book.items and [item for item in book.items if item.sku not in gone],
        stock=[level for level in book.stock if level.sku not in gone],
        receipts=[each for each in book.receipts if each.sku not in gone],
        orders=left,
        allocations=[each for each in book.allocations if (each.order, each.line) in keys],
        backorders=[each for each in book.backorders if each.order not in away],
        holds=[each for each in book.holds if each.sku not in gone],
    )


@pytest.mark.parametrize("policy", [Fifo(), Priority()], ids=policy_name)
@given(book=BOOKS, data=st.data())
def test_what_an_order_set_aside_holds_goes_to_nobody(
    policy: AllocationPolicy, book: Snapshot, data: st.DataObject
) -> None:
    document = json.loads(dumps_snapshot(book))
    own = [spot for spot in spots(document) if spot.section in {"orders", "receipts"}]
    assume(own)
    spot = data.draw(st.sampled_from(own))
    broken(spot, None)
    partial = loads_partial(json.dumps(document))
    aside = partial.set_aside

    made = plan(partial.snapshot, policy=policy)

    whole = plan(bare(book, aside.skus, aside.orders), policy=policy)
    kept = {order.id for order in partial.snapshot.orders}
    # Only the sentences differ: they name whoever has the stock.
    assert [attrs.evolve(line, reason="") for line in made.lines] == [
        attrs.evolve(line, reason="") for line in whole.lines if line.order in kept
    ]
    used = dict(made.outcome.allocated_by_pool)
    for each in aside.allocations:
        used[each.sku, each.location] = used.get((each.sku, each.location), 0) + each.quantity
    there = {(level.sku, level.location): level.on_hand for level in book.stock}
    assert all(quantity <= there[pool] for pool, quantity in used.items())
    event("holds units" if aside.allocations else "holds none")
