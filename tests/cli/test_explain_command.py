"""What the command `explain` reads, writes and refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path

import attrs
import pytest

from backorderkit import FairShare, Fifo, KeepPromises, LineId, OrderId
from backorderkit.__main__ import main
from backorderkit.cli.explain_text import print_explanation
from backorderkit.formats import dumps_explanation, read_snapshot
from backorderkit.model import read_time
from backorderkit.promising import what_would_it_take
from tests.promising.test_impacts import line, orders, shop

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SHOP = str(EXAMPLES / "shop.json")
LINE = ("SO-1010", "1")
Capture = pytest.CaptureFixture[str]


def test_the_text_says_why_and_what_it_would_take(capsys: Capture) -> None:
    assert main(["explain", SHOP, *LINE]) == 0

    text = capsys.readouterr().out
    rows = [" ".join(row.split()) for row in text.splitlines()]
    assert rows[0] == "SO-1010/1: 18 pcs of MUG-BLUE, as of 2026-03-02 08:00 UTC by fifo"
    assert rows[1].startswith("6 of 18 pcs allocated at WAREHOUSE; 18 pcs on hand went to 2 orders")
    assert "stock: 12 pcs" in rows
    assert "SO-1001/1 4 pcs SHOP" in rows
    assert "SO-1018/2 2 pcs WAREHOUSE PO-318/2" in rows
    assert rows[-5:] == [
        "What it would take for all to be allocated now",
        "With 12 pcs more on hand at SHOP, all 18 pcs would be allocated now.",
        "Wanted by 2026-03-06, 6 of 18 pcs would be allocated now and"
        " 12 pcs would be promised for 2026-03-06.",
        "With 12 pcs cancelled, so that 6 pcs stay, all 6 pcs would be allocated now.",
        "With order SO-1001 giving up its 12 pcs, all 18 pcs would be allocated now.",
    ]
    assert "\x1b" not in text


def test_a_line_that_comes_in_time_takes_nothing(capsys: Capture) -> None:
    assert main(["explain", SHOP, *LINE, "--by", "2026-03-06"]) == 0

    assert capsys.readouterr().out.splitlines()[-2:] == [
        "What it would take for all to come by 2026-03-06",
        "  It takes nothing: 6 of 18 pcs are allocated now and 12 pcs are promised for 2026-03-06.",
    ]


def test_json_is_that_of_the_python_interface(capsys: Capture) -> None:
    options = ("--policy", "fair-share", "--rule", "equal", "--promises", "keep")

    assert (
        main(
            [
                *("explain", SHOP, *LINE, *options, "--by", "2026-03-05"),
                *("--as-of", "2026-03-03", "--format", "json"),
            ]
        )
        == 0
    )

    book = read_snapshot(SHOP, as_of=read_time("2026-03-03"))
    found = what_would_it_take(
        book,
        OrderId("SO-1010"),
        LineId("1"),
        policy=KeepPromises(FairShare(rule="equal")),
        by=read_time("2026-03-05"),
    )
    assert capsys.readouterr().out == dumps_explanation(found)


@pytest.mark.parametrize("name", ["why.json", "why.txt"])
def test_out_is_written_by_its_ending(capsys: Capture, tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    assert main(["explain", SHOP, *LINE, "--out", str(path)]) == 0

    starts = {"why.json": "{\n", "why.txt": "SO-1010/1: 18 pcs"}
    assert path.read_text("utf-8").startswith(starts[name])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["SO-1"], "Missing argument 'LINE'."),
        (["SO-1", "1"], "order: got 'SO-1', must be a known order"),
        (
            ["SO-1010", "7"],
            "line: got '7', must be a line of order SO-1010 with something outstanding",
        ),
        (
            [*LINE, "--by", "2026-03-01"],
            "--by: got '2026-03-01', must not lie before the day of planning, 2026-03-02",
        ),
        ([*LINE, "--by", "soon"], "--by: got 'soon', "),
        ([*LINE, "--rule", "equal"], "--rule: belongs to --policy fair-share, not fifo"),
        ([*LINE, "--format", "csv"], "'csv' is not one of 'text', 'json'."),
        ([*LINE, "--out", SHOP], f"--out: must be another path than INPUT, {SHOP}"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    capsys: Capture, argv: list[str], expected: str
) -> None:
    assert main(["explain", SHOP, *argv]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    (said,) = captured.err.splitlines()
    assert expected in said


def test_names_steer_no_terminal() -> None:
    (first,) = orders(line(2))
    book = shop(orders=[attrs.evolve(first, id=OrderId("\x1b[2J"))])
    found = what_would_it_take(book, OrderId("\x1b[2J"), LineId("1"), policy=Fifo())
    file = io.StringIO()

    print_explanation(found, file)

    assert "\x1b" not in file.getvalue()
    assert "\\x1b[2J/1: 2 pcs of MUG" in file.getvalue()


def test_what_is_set_aside_cannot_be_explained_and_the_rest_can(
    capsys: Capture, tmp_path: Path
) -> None:
    book = json.loads(Path(SHOP).read_text("utf-8"))
    book["orders"][0]["lines"][0]["ordered"] = -1
    aside = book["orders"][0]["id"]
    dirty = tmp_path / "dirty.json"
    dirty.write_text(json.dumps(book), "utf-8")
    assert main(["explain", str(dirty), *LINE]) == 2
    capsys.readouterr()

    assert main(["explain", str(dirty), "SO-1007", "1", "--set-aside", "--format", "json"]) == 3

    captured = capsys.readouterr()
    assert f"set aside: order {aside}" in captured.err
    assert {"type": "order", "order": aside} in json.loads(captured.out)["set_aside"]
    assert main(["explain", str(dirty), aside, "1", "--set-aside"]) == 2
    assert f"order: got '{aside}', must be a known order" in capsys.readouterr().err
