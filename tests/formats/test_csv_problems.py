"""Every mistake in a CSV folder is one problem, at its file and row."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

import pytest

from backorderkit import InvalidInputError, Snapshot
from backorderkit.formats import loads_snapshot_csv
from tests.formats.sample import full_csv, full_snapshot

AS_OF = full_snapshot().as_of


def read(files: Mapping[str, str | bytes]) -> Snapshot:
    return loads_snapshot_csv(files, as_of=AS_OF, name="shop")


def problems(files: Mapping[str, str | bytes]) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        read(files)
    return [str(problem) for problem in caught.value.exceptions]


SECOND_LINE = (
    "SO-1,2,FLOUR,,1.25,0,0,,,,2026-01-03T00:00:00Z,2026-02-01T00:00:00Z"
    ",C-9,web,2026-01-02T10:00:00Z,2,3"
)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("orders", ",5,1,1,", ",-1,1,1,", "orders.csv:2: ordered: got '-1', must be > 0 (order"),
        ("orders", ",5,1,1,", ",,1,1,", "orders.csv:2: ordered: got nothing, must be given"),
        ("orders", "SO-1,2,", "SO-1,,", "orders.csv:3: line: got nothing, must be given (order"),
        ("orders", "SO-1,2,", "SO-1,1,", "orders.csv:3: line: got '1', must be unique in its"),
        ("orders", "FLOUR", "RYE", "orders.csv:3: sku: got 'RYE', must be one of the items (ord"),
        ("orders", "1.25", "1.2345", "orders.csv:3: ordered: got '1.2345', must fit 3 decimals"),
        ("orders", SECOND_LINE, SECOND_LINE[:-1] + "4", "orders.csv:3: priority: got '4', must b"),
        ("orders", SECOND_LINE, SECOND_LINE[:-1], "orders.csv:3: priority: got nothing, must be"),
        (
            "orders",
            "2026-01-03T",
            "2026-13-03T",
            "orders.csv:3: line_placed_at: got '2026-13-03T00",
        ),
        ("orders", "2026-01-03T", "2026-01-01T", "orders.csv:2: placed_at: got '2026-01-02T10:00"),
        ("orders", "2026-02-01T", "later", "orders.csv:3: cancel_after: got 'later00:00:00Z', mus"),
        ("orders", SECOND_LINE, "SO-1,2", "orders.csv:3: got 2, must be as many cells as colu"),
        ("orders", SECOND_LINE, "\n" + SECOND_LINE, "orders.csv:3: got 0, must be as many cells"),
        ("orders", "channel", "chanel", "orders.csv:1: chanel: got 'chanel', is not a known col"),
        ("orders", "channel", "customer", "orders.csv:1: customer: got 'customer', must not st"),
        ("orders", SECOND_LINE, '"a"b' + SECOND_LINE, "orders.csv:3: got nothing, must be CSV"),
        ("orders", SECOND_LINE, '"' + SECOND_LINE, "orders.csv:3: got nothing, must be CSV"),
        ("orders", "FLOUR", "F" * 200_000, "orders.csv:3: got nothing, must be CSV (field larg"),
        ("stock", "MUG,MAIN,3", "MUG,MAIN,x", "stock.csv:3: on_hand: got 'x', must be a decim"),
        ("stock", "safety_stock", "safety", "stock.csv:1: safety: got 'safety', is not a known"),
        ("items", "deny", "denied", "items.csv:2: backorders: got 'denied', must be allow or d"),
        ("items", "kg,3", "kg,1.5", "items.csv:2: decimals: got '1.5', must be a whole number ("),
        ("items", "kg,3", f"kg,{'9' * 5000}", "items.csv:2: decimals: got '999999999999999999999"),
        ("items", ",21", ",2.5", "items.csv:2: lead_time_days: got '2.5', must be a whole number"),
        ("items", "kg,3", "kg,11", "items.csv:2: decimals: got '11', must be a whole number fr"),
        ("holds", "T09:15:00Z", "T09:15", "holds.csv:2: expires_at: got '2026-01-05T09:15', must"),
        ("receipts", "ACME,false", "ACME,no", "receipts.csv:2: firm: got 'no', must be true or f"),
        ("receipts", "2026-01-12T00:00:00Z", "2026-13-01", "receipts.csv:2: due: got '2026-13-0"),
        ("allocations", "SO-1", "SO-9", "allocations.csv:2: line: got '1', must name an existin"),
        ("backorders", "0.5", "", "backorders.csv:2: promise_quantity: got nothing, must be giv"),
        ("backorders", "0.5", "-1", "backorders.csv:2: promise_quantity: got '-1', must be > 0"),
    ],
)
def test_a_single_mistake_is_named_with_its_row(
    file: str, old: str, new: str, expected: str
) -> None:
    files = full_csv()
    assert old in files[f"{file}.csv"]
    files[f"{file}.csv"] = files[f"{file}.csv"].replace(old, new, 1)

    found = problems(files)

    # A file that cannot be read leaves nothing to say of what names its records.
    assert [problem[: len(expected)] for problem in found] == [expected], found
    assert "\n" not in found[0]


def test_a_missing_file_is_one_problem() -> None:
    files = full_csv()
    del files["stock.csv"]

    assert problems(files) == ["shop: stock.csv: got nothing, must be there"]


def test_a_missing_column_is_named() -> None:
    files = full_csv() | {"stock.csv": "sku\nMUG\n"}

    assert problems(files) == ["stock.csv:1: on_hand: got nothing, must be a column"]


def test_an_empty_file_lacks_its_header() -> None:
    found = problems(full_csv() | {"stock.csv": ""})

    assert found == ["stock.csv:1: got nothing, must be the column names"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            b"sku,on_hand\n\xff,3\n", "stock.csv:2: got b'\\xff', must be UTF-8", id="utf"
        ),
    ],
)
def test_a_file_that_is_not_utf_8_is_named(content: bytes, expected: str) -> None:
    files: dict[str, str | bytes] = {**full_csv(), "stock.csv": content}

    assert problems(files) == [expected]


def test_bad_gzip_data_is_a_problem() -> None:
    files: dict[str, str | bytes] = {**full_csv()}
    good = gzip.compress(str(files.pop("stock.csv")).encode())

    for bad in (good[:-9], b"plain"):
        (found,) = problems(files | {"stock.csv.gz": bad})
        assert "must be gzip data" in found


def test_a_file_may_not_stand_there_twice() -> None:
    files: dict[str, str | bytes] = {**full_csv()}
    files["stock.csv.gz"] = gzip.compress(str(files["stock.csv"]).encode())

    assert problems(files) == [
        "shop: stock.csv.gz: got 'stock.csv.gz', must not stand beside stock.csv"
    ]


def test_marks_line_ends_column_order_and_gzip_do_not_matter() -> None:
    files = full_csv()
    turned = "\n".join(
        ",".join(reversed(row.split(","))) for row in files["stock.csv"].splitlines()
    )

    changed: dict[str, str | bytes] = {
        **files,
        "stock.csv": turned.encode("utf-8-sig"),
        "orders.csv": files["orders.csv"].replace("\n", "\r\n") + "\r\n\r\n",
        "notes.csv": b"\xff is ignored",
    }
    changed["items.csv.gz"] = gzip.compress(str(changed.pop("items.csv")).encode())

    assert read(changed) == full_snapshot()


def test_rows_of_an_order_may_lie_apart() -> None:
    files = {
        "stock.csv": "sku,on_hand\n",
        "orders.csv": "order,line,sku,ordered,placed_at\n"
        "B,1,M,1,2026-01-01\nA,1,M,1,2026-01-01\nB,2,M,1,2026-01-01\n",
    }

    snapshot = read(files)

    assert [(o.id, len(o.lines)) for o in snapshot.orders] == [("A", 1), ("B", 2)]


def test_quoted_line_feeds_count_as_lines_of_the_file() -> None:
    files = {
        "stock.csv": "sku,on_hand\n",
        "orders.csv": "order,line,sku,ordered,placed_at\n"
        '"A\nB",1,M,1,2026-01-01\nC,1,M,0,2026-01-01\n',
    }

    (found,) = problems(files)

    assert found.startswith("orders.csv:4: ordered: got '0', must be > 0")


def test_rows_of_an_order_may_say_the_same_in_other_words() -> None:
    files = {
        "stock.csv": "sku,on_hand\n",
        "orders.csv": "order,line,sku,ordered,placed_at,priority,sequence\n"
        "A,1,M,1,2026-01-01,,\nA,2,M,1,2026-01-01T01:00:00+01:00,5,0\n",
    }

    assert len(read(files).orders[0].lines) == 2


def test_decimals_with_a_sign_are_read_alike_for_the_item_and_its_quantities() -> None:
    files = {
        "stock.csv": "sku,on_hand\nM,2.5\n",
        "orders.csv": "order,line,sku,ordered,placed_at\n",
        "items.csv": "sku,decimals,backorder_limit\nM,+1,5\n",
    }

    snapshot = read(files)

    assert snapshot.items is not None
    assert snapshot.items[0].backorder_limit == 50
    assert snapshot.stock[0].on_hand == 25


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        pytest.param(",1,M,1,2026-01-01\n,2,M,1,2026-01-01\n", 2, id="no ids"),
        pytest.param("A,1,M,1,2026-01-01,7\n", 1, id="ragged"),
    ],
)
def test_a_lost_row_leaves_no_echo(orders: str, expected: int) -> None:
    files = {
        "stock.csv": "sku,on_hand\nM,5\n",
        "orders.csv": f"order,line,sku,ordered,placed_at\n{orders}",
        "allocations.csv": "order,line,quantity\nA,1,1\n",
    }

    assert len(problems(files)) == expected


APART = (
    "order,line,sku,ordered,placed_at,customer\n"
    "A,1,M,1,2026-01-01,x\n"
    "B,1,M,1,2026-01-01,\n"
    "A,2,M,{ordered},{placed_at},{customer}\n"
    "B,2,M,1,2026-01-01T00:00:00Z,\n"
    "A,{line},M,1,2026-01-01,x\n"
)


def apart(**changes: str) -> dict[str, str]:
    fields = {"ordered": "1", "placed_at": "2026-01-01", "customer": "x", "line": "3", **changes}
    return {"stock.csv": "sku,on_hand\n", "orders.csv": APART.format(**fields)}


def test_rows_that_lie_apart_are_one_order() -> None:
    a, b = read(apart(placed_at="2026-01-01T01:00:00+01:00")).orders

    assert [line.id for line in a.lines] == ["1", "2", "3"]
    assert [line.id for line in b.lines] == ["1", "2"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ordered": "0"}, "orders.csv:4: ordered: got '0', must be > 0 (order A, line 2, SKU M)"),
        (
            {"placed_at": "2026-01-02"},
            "orders.csv:4: placed_at: got '2026-01-02', must be as in row 2"
            " (order A, line 2, SKU M)",
        ),
        (
            {"customer": ""},
            "orders.csv:4: customer: got nothing, must be as in row 2 (order A, line 2, SKU M)",
        ),
        (
            {"line": "1"},
            "orders.csv:6: line: got '1', must be unique in its order (order A, line 1, SKU M)",
        ),
        (
            {"placed_at": "soon"},
            "orders.csv:4: placed_at: got 'soon', must be as in row 2 (order A, line 2, SKU M)",
        ),
    ],
)
def test_what_is_wrong_in_rows_that_lie_apart_is_named_at_its_row(
    changes: dict[str, str], expected: str
) -> None:
    assert problems(apart(**changes)) == [expected]


def test_a_line_that_lies_apart_is_not_placed_before_its_order() -> None:
    files = {
        "stock.csv": "sku,on_hand\nM,9\n",
        "orders.csv": "order,line,sku,ordered,placed_at,line_placed_at\n"
        "A,1,M,1,2026-01-02,\n"
        "B,1,M,1,2026-01-02,\n"
        "A,2,M,1,2026-01-02,{day}\n",
        "allocations.csv": "order,line,location,quantity\nA,2,MAIN,1\n",
    }
    orders = files["orders.csv"]

    later = read({**files, "orders.csv": orders.format(day="2026-01-03")}).orders[0]
    found = problems({**files, "orders.csv": orders.format(day="2026-01-01")})

    assert [line.placed_at and line.placed_at.day for line in later.lines] == [None, 3]
    assert found == [
        "orders.csv:2: placed_at: got '2026-01-02T00:00:00Z',"
        " must be <= that of its line 2 (order A)"
    ]


def test_an_order_that_could_not_be_read_is_no_measure_for_its_other_rows() -> None:
    files = apart()
    files["orders.csv"] = files["orders.csv"].replace("A,1,M,1,2026-01-01", "A,1,M,1,soon")

    (found,) = problems(files)

    assert found.startswith("orders.csv:2: placed_at: got 'soon', must be a time")


def test_items_unknown_in_rows_that_lie_apart_are_named_at_their_rows() -> None:
    files = apart() | {"items.csv": "sku\nN\n"}

    rows = [problem.split(":")[1] for problem in problems(files)]

    assert sorted(rows) == ["2", "3", "4", "5", "6"]


def test_bytes_that_are_not_utf_8_are_named_with_their_line_in_a_large_file() -> None:
    good = "".join(f"SKU-{number},1\n" for number in range(5000))
    content = f"sku,on_hand\n{good}".encode() + b"\xff,1\n"
    files: dict[str, str | bytes] = {**full_csv(), "items.csv": "sku\n", "stock.csv": content}

    assert "stock.csv:5002: got b'\\xff', must be UTF-8" in problems(files)


def test_one_row_that_disagrees_is_one_problem_wherever_it_lies() -> None:
    rows = ["A,1,M,1,2026-01-01,3", "B,1,M,1,2026-01-01,", "A,2,M,1,2026-01-01,4"]
    rows.append("A,3,M,1,2026-01-01,3")
    header = "order,line,sku,ordered,placed_at,priority"
    files = {"stock.csv": "sku,on_hand\n", "orders.csv": "\n".join([header, *rows, ""])}

    assert problems(files) == [
        "orders.csv:4: priority: got '4', must be as in row 2 (order A, line 2, SKU M)"
    ]


def test_what_could_be_read_of_a_spoiled_order_is_a_measure() -> None:
    rows = ["A,1,M,1,soon,3", "B,1,M,1,2026-01-01,", "A,2,M,1,2026-01-01,4"]
    header = "order,line,sku,ordered,placed_at,priority"
    files = {"stock.csv": "sku,on_hand\n", "orders.csv": "\n".join([header, *rows, ""])}

    first, second = problems(files)

    assert first.startswith("orders.csv:2: placed_at: got 'soon'")
    assert second.startswith("orders.csv:4: priority: got '4', must be as in row 2")


def test_a_bad_byte_in_a_cell_of_many_lines_is_named_with_its_own_line() -> None:
    text = "line\n" * 3000
    content = f'order,line,sku,ordered,placed_at,customer\nA,1,M,1,2026-01-01,"{text}'.encode()
    files: dict[str, str | bytes] = {"stock.csv": "sku,on_hand\n", "orders.csv": content + b"\xff"}

    assert problems(files) == ["orders.csv:3002: got b'\\xff', must be UTF-8"]


def test_a_file_that_is_no_text_is_refused() -> None:
    files = {**full_csv(), "stock.csv": None}

    assert problems(files) == ["stock.csv: got nothing, must be text or bytes"]  # type: ignore[arg-type]
