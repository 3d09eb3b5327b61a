"""What is written is read back exactly, and garbage never escapes as anything but problems."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import Fifo, InvalidInputError, Order, Promise, Snapshot, plan
from backorderkit.formats import (
    dumps_plan,
    dumps_snapshot,
    dumps_snapshot_csv,
    loads_snapshot,
    loads_snapshot_csv,
    read_snapshot,
    write_snapshot,
)
from backorderkit.testing import snapshots
from tests.formats.sample import FULL, full_csv, full_snapshot

Entry = TypeVar("Entry")
ODD_TEXT = st.text(
    st.characters(codec="utf-8") | st.sampled_from('\r\n\0",;\ufeff'), min_size=1, max_size=4
)
AS_OF = full_snapshot().as_of


@given(snapshots())
def test_a_json_document_reads_back_as_the_same_snapshot(snapshot: Snapshot) -> None:
    assert loads_snapshot(dumps_snapshot(snapshot)) == snapshot


@given(snapshots())
def test_a_csv_folder_reads_back_as_the_same_snapshot(snapshot: Snapshot) -> None:
    files = dumps_snapshot_csv(snapshot)

    assert loads_snapshot_csv(files, as_of=snapshot.as_of) == snapshot


@given(st.lists(ODD_TEXT, min_size=1, max_size=3, unique=True))
def test_ids_of_any_text_survive(ids: list[str]) -> None:
    snapshot = Snapshot.of(
        as_of="2026-01-05",
        stock={(sku, place): 1 for sku in ids for place in ids},
        orders=[Order.of(id_, "2026-01-02", dict.fromkeys(ids, 1), customer=id_) for id_ in ids],
    )

    assert loads_snapshot(dumps_snapshot(snapshot)) == snapshot
    files = dumps_snapshot_csv(snapshot)
    assert loads_snapshot_csv(files, as_of=snapshot.as_of) == snapshot


@given(snapshots(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_no_byte(snapshot: Snapshot, luck: random.Random) -> None:
    def shuffled(entries: tuple[Entry, ...]) -> list[Entry]:
        mixed = list(entries)
        luck.shuffle(mixed)
        return mixed

    orders = [attrs.evolve(order, lines=shuffled(order.lines)) for order in snapshot.orders]
    items = None if snapshot.items is None else shuffled(snapshot.items)
    again = Snapshot(
        as_of=snapshot.as_of,
        items=items,
        orders=shuffled(tuple(orders)),
        stock=shuffled(snapshot.stock),
        receipts=shuffled(snapshot.receipts),
        allocations=shuffled(snapshot.allocations),
        backorders=shuffled(snapshot.backorders),
        holds=shuffled(snapshot.holds),
    )

    assert dumps_snapshot(again) == dumps_snapshot(snapshot)
    assert dumps_plan(plan(again, policy=Fifo())) == dumps_plan(plan(snapshot, policy=Fifo()))


def test_who_holds_nothing_writes_what_was_written_before_there_were_holds(tmp_path: Path) -> None:
    held = full_snapshot()
    without = attrs.evolve(held, holds=())
    folder = f"{tmp_path}/"

    write_snapshot(held, folder)
    assert (tmp_path / "holds.csv").read_text() == (
        "id,sku,location,quantity,expires_at\ncart-7,MUG,MAIN,1,2026-01-05T09:15:00Z\n"
    )
    write_snapshot(without, folder)

    assert not (tmp_path / "holds.csv").exists()
    assert "holds" not in json.loads(dumps_snapshot(without))
    assert loads_snapshot(dumps_snapshot(without)) == without
    assert read_snapshot(folder, as_of=AS_OF) == without


def test_what_was_written_before_there_were_fields_of_promising_reads_as_before() -> None:
    document = json.loads(dumps_snapshot(full_snapshot()))
    for each in document["items"]:
        del each["lead_time_days"]
    for each in document["receipts"]:
        del each["firm"]
    files = dict(full_csv())
    files["items.csv"] = _without_last_column(files["items.csv"], "lead_time_days")
    files["receipts.csv"] = _without_last_column(files["receipts.csv"], "firm")

    old = loads_snapshot(json.dumps(document))

    assert {item.lead_time_days for item in old.items or ()} == {None}
    assert {receipt.firm for receipt in old.receipts} == {True}
    assert loads_snapshot_csv(files, as_of=AS_OF) == old


def test_a_promise_of_stock_has_no_receipt_in_any_format() -> None:
    full = full_snapshot()
    of_stock = [Promise(quantity=each, due=AS_OF + timedelta(days=each)) for each in (1, 2)]
    backorder = attrs.evolve(full.backorders[0], promises=(*full.backorders[0].promises, *of_stock))
    snapshot = attrs.evolve(full, backorders=[backorder])

    document = json.loads(dumps_snapshot(snapshot))
    files = dumps_snapshot_csv(snapshot)

    assert loads_snapshot(json.dumps(document)) == snapshot
    assert loads_snapshot_csv(files, as_of=AS_OF) == snapshot
    told = document["backorders"][0]["promises"]
    assert [each.pop("receipt") for each in told] == [None, None, "PO-7/1"]
    told[2]["receipt"] = "PO-7/1"
    assert loads_snapshot(json.dumps(document)) == snapshot
    assert [row.rpartition(",")[2] for row in files["backorders.csv"].splitlines()[1:]] == [
        "",
        "",
        "PO-7/1",
    ]


def _without_last_column(text: str, name: str) -> str:
    rows = [row.rpartition(",") for row in text.splitlines()]
    assert rows[0][2] == name
    return "".join(f"{row[0]}\n" for row in rows)


def test_quantities_times_and_money_are_written_as_documented() -> None:
    text = dumps_snapshot(full_snapshot())

    document = json.loads(text)
    lines = document["orders"][0]["lines"]
    assert lines[0]["ordered"] == 5
    assert lines[1]["ordered"] == "1.25"
    assert lines[0]["unit_price"] == "9.90"
    assert lines[0]["requested"] == "2026-01-06T00:00:00Z"
    assert document["stock"][0]["on_hand"] == "2.5"
    assert text.endswith("}\n")


def test_the_memory_of_a_line_that_is_gone_survives_in_the_finest_unit() -> None:
    document = json.loads(json.dumps(FULL))
    document["backorders"].append(
        {"order": "SO-0", "line": "9", "quantity": "2.5", "opened_at": "2026-01-01"}
    )

    snapshot = loads_snapshot(json.dumps(document))

    assert snapshot.backorders[0].quantity == 2500
    assert loads_snapshot(dumps_snapshot(snapshot)) == snapshot


@given(st.data())
def test_a_spoiled_json_text_gives_a_snapshot_or_problems(data: st.DataObject) -> None:
    text = json.dumps(FULL)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    junk = data.draw(st.sampled_from(["", '"', "{", "[]", "null", "1e9", "\\ud800", ",", "-", "é"]))

    try:
        read = loads_snapshot(text[:start] + junk + text[end:])
    except InvalidInputError as problems:
        assert all(str(problem).isprintable() for problem in problems.exceptions)
    else:
        assert isinstance(read, Snapshot)


@given(st.data())
def test_a_spoiled_csv_file_gives_a_snapshot_or_problems(data: st.DataObject) -> None:
    files: dict[str, str | bytes] = {**full_csv()}
    name = data.draw(st.sampled_from(sorted(files)))
    text = str(files[name]).encode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    junk = data.draw(st.sampled_from([b"", b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"-1", b"x"]))

    try:
        read = loads_snapshot_csv(files | {name: text[:start] + junk + text[end:]}, as_of=AS_OF)
    except InvalidInputError as problems:
        assert all(str(problem).isprintable() for problem in problems.exceptions)
    else:
        assert isinstance(read, Snapshot)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*FULL, "id", "sku", "lines"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_any_json_value_gives_a_snapshot_or_problems(value: object) -> None:
    try:
        loads_snapshot(json.dumps(value))
    except InvalidInputError as problems:
        assert problems.exceptions
