"""Reading by columns gives what reading value by value gives, or leaves it to that."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import InvalidInputError, Promise, Snapshot
from backorderkit.formats import (
    columns,
    csv_reader,
    dumps_snapshot,
    dumps_snapshot_csv,
    json_reader,
    plain_csv,
    plain_json,
)
from backorderkit.formats.columns import BLOCK, NOT_PLAIN
from backorderkit.model import read_time
from backorderkit.testing import snapshots
from tests.formats.sample import FULL, Document, changed, full_csv, full_snapshot

AS_OF = full_snapshot().as_of
Outcome = Snapshot | list[str] | None
"""A snapshot, problems, or None where reading by columns gives up."""

ODD_CELLS = (
    *("", "x", "0", "-1", "1", "2", "1.5", "2.50", "1e3", "9" * 25, "\uff19", "1_0", " 1", "SO-1"),
    *("MUG", "FLOUR", "MAIN", "allow", "EUR", "\ue000", "caf\u00e9", "PO-7/1"),
    *("2026-01-05", "2026-01-05T09:00:00Z", "2026-W01-1T09:00:00Z", "2026-02-30T00:00:00Z"),
    *("2026-01-05T10:00:00+01:00", "2026-01-05T09:00:00", "2026-01-05t09:00:00Z"),
)
ODD_VALUES: tuple[object, ...] = (
    *ODD_CELLS,
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    5.0,
    1.5,
    10**30,
    [],
    {},
    [1],
    {"a": 1},
)


def outcome(read: Callable[[], Snapshot]) -> Outcome:
    try:
        return read()
    except InvalidInputError as error:
        return [str(problem) for problem in error.exceptions]
    except NOT_PLAIN:
        return None


def check(plain: Outcome, careful: Outcome) -> None:
    assert plain == careful or plain is None


def plain_of(text: str) -> Snapshot:
    return plain_json.read_plain(json_reader.parse(text, "shop"), None)


@given(snapshots())
def test_what_is_written_is_plain(snapshot: Snapshot) -> None:
    files = dumps_snapshot_csv(snapshot)

    assert plain_of(dumps_snapshot(snapshot)) == snapshot
    assert plain_csv.read_plain(files, snapshot.as_of) == snapshot


@given(snapshots())
def test_looking_with_care_finds_the_same(snapshot: Snapshot) -> None:
    text, files = dumps_snapshot(snapshot), dumps_snapshot_csv(snapshot)

    assert json_reader.read_with_care(text, as_of=None, name="shop") == snapshot
    assert csv_reader.read_with_care(files, as_of=snapshot.as_of, name="shop") == snapshot


Put = Callable[[object], None]


def puts(document: object) -> list[Put]:
    """Give what puts another value in each place of a document."""
    found: list[Put] = []
    if isinstance(document, dict):
        for key, value in document.items():
            found += [partial(document.__setitem__, key), *puts(value)]
    elif isinstance(document, list):
        for place, value in enumerate(document):
            found += [partial(document.__setitem__, place), *puts(value)]
    return found


@given(st.integers(min_value=0), st.sampled_from(ODD_VALUES))
def test_a_changed_value_is_read_alike(place: int, value: object) -> None:
    def change(document: Document) -> None:
        places = puts(document)
        places[place % len(places)](value)

    text = changed(change)
    check(
        outcome(lambda: plain_of(text)),
        outcome(lambda: json_reader.read_with_care(text, as_of=None, name="shop")),
    )


@given(st.integers(min_value=0), st.sampled_from(ODD_CELLS))
def test_a_changed_cell_is_read_alike(place: int, value: str) -> None:
    files = {name: text.splitlines() for name, text in full_csv().items()}
    rows = [(name, row) for name, lines in sorted(files.items()) for row in range(len(lines))]
    name, row = rows[place % len(rows)]
    cells = files[name][row].split(",")
    cells[place // len(rows) % len(cells)] = value
    files[name][row] = ",".join(cells)
    texts = {name: "\n".join(lines) + "\n" for name, lines in files.items()}
    check(
        outcome(lambda: plain_csv.read_plain(texts, AS_OF)),
        outcome(lambda: csv_reader.read_with_care(texts, as_of=AS_OF, name="shop")),
    )


FILES = full_csv()
COLUMNS = [(name, column) for name in FILES for column in FILES[name].split("\n")[0].split(",")]


@given(st.sets(st.sampled_from(COLUMNS), min_size=1, max_size=3))
def test_files_without_some_columns_are_read_alike(without: set[tuple[str, str]]) -> None:
    texts = {}
    for name, text in FILES.items():
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        kept = [place for place, column in enumerate(header) if (name, column) not in without]
        written = io.StringIO(newline="")
        csv.writer(written).writerows([row[place] for place in kept] for row in [header, *rows])
        texts[name] = written.getvalue()
    check(
        outcome(lambda: plain_csv.read_plain(texts, AS_OF)),
        outcome(lambda: csv_reader.read_with_care(texts, as_of=AS_OF, name="shop")),
    )


@given(snapshots(), st.randoms(use_true_random=False))
def test_rows_in_any_order_are_plain(snapshot: Snapshot, luck: random.Random) -> None:
    files = dict(dumps_snapshot_csv(snapshot))
    for name, text in files.items():
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        luck.shuffle(rows)
        mixed = io.StringIO(newline="")
        csv.writer(mixed).writerows([header, *rows])
        files[name] = mixed.getvalue()

    assert plain_csv.read_plain(files, snapshot.as_of) == snapshot


@pytest.mark.parametrize("write", [str.lower, str.upper, str.capitalize])
def test_spreadsheets_may_write_yes_and_no_as_they_like(write: Callable[[str], str]) -> None:
    receipts = "\n".join(f"PO-{word},MUG,1,2026-01-12,{word}" for word in map(write, FLAGS))
    files = folder(ROW.format(1, 1)) | {
        "receipts.csv": f"id,sku,quantity,due,firm\n{receipts}\nPO,MUG,1,2026-01-12,\n"
    }

    plain = plain_csv.read_plain(files, AS_OF)

    assert {each.id: each.firm for each in plain.receipts} == {
        "PO": True,
        **{f"PO-{write(word)}": firm for word, firm in FLAGS.items()},
    }
    assert csv_reader.read_with_care(files, as_of=AS_OF, name="shop") == plain


FLAGS = {"true": True, "false": False}
ROW = "SO-{0},{1},MUG,,1,2026-01-02\n"
HEADER = "order,line,sku,location,ordered,placed_at\n"


def folder(rows: str) -> dict[str, str]:
    return {"stock.csv": "sku,on_hand\nMUG,1\n", "orders.csv": HEADER + rows}


def test_an_order_longer_than_a_block_is_one_order() -> None:
    count = 2 * BLOCK + 7
    rows = "".join(ROW.format("LONG", number) for number in range(count))

    (order,) = plain_csv.read_plain(folder(rows), AS_OF).orders

    assert len(order.lines) == count


def test_rows_of_an_order_in_different_blocks_must_agree() -> None:
    between = "".join(ROW.format(number, 1) for number in range(BLOCK))
    files = folder(ROW.format("A", 1) + between + ROW.format("A", 2).replace("-02", "-03"))

    assert outcome(lambda: plain_csv.read_plain(files, AS_OF)) is None
    assert outcome(lambda: csv_reader.read_csv(files, as_of=AS_OF, name="shop")) == [
        f"orders.csv:{BLOCK + 3}: placed_at: got '2026-01-03', "
        "must be as in row 2 (order SO-A, line 2, SKU MUG)"
    ]


@pytest.mark.parametrize("rows", [1, BLOCK - 1, BLOCK, BLOCK + 1])
def test_empty_lines_at_the_end_are_none_and_others_are_refused(rows: int) -> None:
    text = "".join(ROW.format(number, 1) for number in range(rows))

    read = plain_csv.read_plain(folder(text + "\n" * (BLOCK + 1)), AS_OF)

    assert len(read.orders) == rows
    torn = folder(text + "\n" * (BLOCK + 1) + ROW.format("LAST", 1))
    assert outcome(lambda: plain_csv.read_plain(torn, AS_OF)) is None


def test_a_promise_needs_its_quantity_and_its_day() -> None:
    files = folder(ROW.format(1, 1)) | {
        "backorders.csv": "order,line,quantity,opened_at,promise_due\n"
        "SO-1,1,1,2026-01-03,2026-01-09\n"
    }

    assert outcome(lambda: plain_csv.read_plain(files, AS_OF)) is None
    assert outcome(lambda: csv_reader.read_csv(files, as_of=AS_OF, name="shop")) == [
        "backorders.csv:2: promise_quantity: got nothing, must be given"
        " (order SO-1, line 1, SKU MUG)",
    ]


# It stands for ids that could not be read; a document may hold it all the same.
ODD = "\ue000"
ORDER = {"id": "O", "placed_at": "2026-01-05", "lines": [{"id": "1", "sku": ODD, "ordered": 3}]}


def document(**sections: object) -> str:
    return json.dumps({"as_of": "2026-01-05", **sections})


def test_an_odd_id_is_an_id_as_any_other() -> None:
    text = document(
        stock=[{"sku": ODD, "on_hand": 5}],
        orders=[ORDER],
        allocations=[{"order": "O", "line": "1", "quantity": 1}],
    )

    plain = plain_of(text)

    assert len(plain.allocations) == 1
    assert json_reader.read_with_care(text, as_of=None, name="shop") == plain


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (document(orders=[{**ORDER, "id": ODD}] * 2), "must be unique"),
        (document(items=[], stock=[{"sku": ODD, "on_hand": 1}]), "must be one of the items"),
        (
            document(allocations=[{"order": "x", "line": ODD, "quantity": 1}]),
            "must name an existing order line",
        ),
    ],
)
def test_what_is_wrong_with_an_odd_id_is_named(text: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        json_reader.read_json(text, as_of=None, name="shop")

    assert reason in str(caught.value.exceptions[0])
    assert caught.value.__context__ is None


def test_no_python_reads_hour_24(monkeypatch: pytest.MonkeyPatch) -> None:
    class Newer:
        @staticmethod
        def fromisoformat(text: str) -> datetime:
            return datetime.fromisoformat(text.replace("T24", "T00"))

    monkeypatch.setattr(columns, "datetime", Newer)
    text = changed(lambda full: full["receipts"][0].update(due="2026-01-05T24:00:00Z"))

    assert outcome(lambda: plain_of(text)) is None


@pytest.mark.parametrize("as_of", ["", 0])
def test_a_moment_that_is_none_is_refused(as_of: object) -> None:
    with pytest.raises(InvalidInputError, match="1 problem"):
        json_reader.read_json('{"stock": []}', as_of=as_of, name="shop")  # type: ignore[arg-type]


def test_texts_that_come_again_are_kept_once() -> None:
    orders = [
        {"id": f"SO-{number}", "placed_at": "2026-01-02", "lines": [{**line, "id": "1"}]}
        for number in range(3)
        for line in [{"sku": "MUG", "ordered": 1}]
    ]
    stock = [{"sku": "MUG", "on_hand": 1}]
    text = json.dumps({"as_of": FULL["as_of"], "stock": stock, "orders": orders})

    snapshot = json_reader.read_json(text, as_of=None, name="shop")

    assert len({id(order.lines[0].sku) for order in snapshot.orders}) == 1
    assert snapshot.orders[0].lines[0].sku is snapshot.stock[0].sku


@pytest.mark.parametrize("receipt", ["", ",promise_receipt"])
def test_a_promise_without_a_receipt_is_of_stock(receipt: str) -> None:
    cell = "," if receipt else ""
    files = folder(ROW.format(1, 1)) | {
        "backorders.csv": f"order,line,quantity,opened_at,promise_quantity,promise_due{receipt}\n"
        f"SO-1,1,1,2026-01-03,1,2026-01-09{cell}\n"
    }
    told = (Promise(quantity=1, due=read_time("2026-01-09")),)

    assert plain_csv.read_plain(files, AS_OF).backorders[0].promises == told
    assert csv_reader.read_csv(files, as_of=AS_OF, name="shop").backorders[0].promises == told
