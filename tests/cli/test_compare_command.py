"""What the command `compare` reads, writes and refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path

import attrs
import pytest

from backorderkit import FairShare, Fifo, Priority, plan
from backorderkit.__main__ import main
from backorderkit.cli.compare_table import print_comparison
from backorderkit.formats import dumps_comparison, read_snapshot
from backorderkit.model import read_time
from backorderkit.promising import compare
from tests.promising.test_comparisons import promised, told, urgent
from tests.promising.test_impacts import line, orders, receipt, shop

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SHOP = str(EXAMPLES / "shop.json")
FAIR = ("--with", "fair-share")
Capture = pytest.CaptureFixture[str]


def refusal(capsys: Capture, *argv: str) -> list[str]:
    assert main(["compare", *argv]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_the_table_shows_who_wins_who_loses_and_the_figures(capsys: Capture) -> None:
    assert main(["compare", SHOP, *FAIR]) == 0

    text = capsys.readouterr().out
    rows = [" ".join(row.split()) for row in text.splitlines()]
    assert rows[0] == "Comparison as of 2026-03-02 08:00 UTC: fifo with fair-share"
    assert "SO-1010/1 MUG-BLUE Roestwerk Sued 1 pcs now 2026-03-06 +4 loses" in rows
    assert "SO-1010/1 MUG-BLUE Roestwerk Sued 9 pcs 2026-03-06 2026-03-20 +14 loses" in rows
    assert "SO-1020/1 KETTLE-GOOSE M. Weber 1 pcs no date now wins" in rows
    assert "promised kg 18.75 19.251 +0.501" in rows
    assert "value missing EUR 354.50 342.476 -12.024" in rows
    assert "Gini: customers, promised pcs 0.086228 0.080640" in rows
    assert rows[-1] == "49 open lines by fair-share: 13 win, 10 lose, 0 mixed, 26 the same"
    assert "\x1b" not in text
    # What both plans share is left out.
    assert not any(row.startswith("allocated") for row in rows)


def test_plans_that_agree_are_said_to(capsys: Capture) -> None:
    assert main(["compare", SHOP, "--with", "fifo"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        *("Comparison as of 2026-03-02 08:00 UTC: fifo with fifo", ""),
        "49 open lines by fifo: 0 win, 0 lose, 0 mixed, 49 the same",
    ]


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_documents_are_those_of_the_python_interface(capsys: Capture, kind: str) -> None:
    argv = [
        *("compare", SHOP, "--policy", "fair-share", "--rule", "equal"),
        *("--with", "fair-share", "--with-rule", "equal-losses"),
        *("--as-of", "2026-03-03", "--format", kind),
    ]

    assert main(argv) == 0

    book = read_snapshot(SHOP, as_of=read_time("2026-03-03"))
    rules = FairShare(rule="equal"), FairShare(rule="equal-losses")
    found = compare(*(plan(book, policy=policy) for policy in rules))
    expected = {
        "json": dumps_comparison(found),
        "csv": dumps_comparison(found, format="csv"),
    }
    assert capsys.readouterr().out == expected[kind]


@pytest.mark.parametrize("name", ["both.json", "both.csv", "both.txt"])
def test_out_is_written_by_its_ending(capsys: Capture, tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    assert main(["compare", SHOP, *FAIR, "--out", str(path)]) == 0

    starts = {"both.json": "{\n", "both.csv": "order,line", "both.txt": "Comparison as of"}
    assert path.read_text("utf-8").startswith(starts[name])
    assert capsys.readouterr().out == ""


def test_a_folder_of_csv_files_is_compared(capsys: Capture) -> None:
    argv = ["compare", str(EXAMPLES / "shop"), *FAIR, "--as-of", "2026-03-02", "--format", "json"]

    assert main(argv) == 0

    assert json.loads(capsys.readouterr().out)["as_of"] == "2026-03-02T00:00:00Z"


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([], ["--with or --with-rules: must be given"]),
        (
            ["--with", "lifo"],
            ["'lifo' is not one of 'fifo', 'priority', 'fair-share'."],
        ),
        (
            ["--with", "priority", "--with-rule", "equal"],
            ["--with-rule: belongs to --with fair-share, not priority"],
        ),
        ([*FAIR, "--rule", "equal"], ["--rule: belongs to --policy fair-share, not fifo"]),
        ([*FAIR, "--out", SHOP], [f"--out: must be another path than INPUT, {SHOP}"]),
    ],
)
def test_what_cannot_be_done_is_refused_one_problem_a_line(
    capsys: Capture, argv: list[str], expected: list[str]
) -> None:
    said = refusal(capsys, SHOP, *argv)

    assert len(said) == 1
    assert expected[0] in said[0].replace("\t", " ").replace("  ", " ")


def test_nothing_is_written_on_refusal(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "both.json"

    assert len(refusal(capsys, SHOP, "--with", "lifo", "--out", str(path))) == 1

    assert not path.exists()


def test_names_steer_no_terminal_and_moved_promises_have_their_row() -> None:
    one, two = orders(line(2, price="2.50", currency="E\x1bR"), line(3), customer="\x1b[2J")
    book = shop(
        stock={"MUG": 1},
        receipts=[receipt("PO-1", 3, "2026-01-10")],
        backorders=[told(3, promised(3, "2026-01-10"))],
    )
    book = attrs.evolve(book, orders=[attrs.evolve(one, customer=""), urgent(two)])
    found = compare(plan(book, policy=Fifo()), plan(book, policy=Priority()))
    file = io.StringIO()

    print_comparison(found, file)

    text = file.getvalue()
    for words in ("(nobody named)", "\\x1b[2J", "E\\x1bR", "promises moved", "nervousness"):
        assert words in text, words
    assert "\x1b" not in text


def test_what_is_set_aside_is_in_neither_plan(capsys: Capture, tmp_path: Path) -> None:
    book = json.loads(Path(SHOP).read_text("utf-8"))
    book["orders"][0]["lines"][0]["ordered"] = -1
    dirty = tmp_path / "dirty.json"
    dirty.write_text(json.dumps(book), "utf-8")
    assert main(["compare", str(dirty), *FAIR]) == 2
    capsys.readouterr()

    assert main(["compare", str(dirty), *FAIR, "--set-aside", "--format", "json"]) == 3

    captured = capsys.readouterr()
    assert "must be > 0" in captured.err.splitlines()[0]
    order = book["orders"][0]["id"]
    assert f"set aside: order {order}" in captured.err
    found = json.loads(captured.out)
    assert {"type": "order", "order": order} in found["set_aside"]
    assert order not in {line["order"] for line in found["lines"]}
