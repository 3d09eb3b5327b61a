"""What the command `impact` reads, writes and refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from backorderkit import Fifo, Hold, HoldId, Item, Location, Priority, ReceiptId, Sku, StockLevel
from backorderkit.__main__ import main
from backorderkit.cli.impact_table import print_impact
from backorderkit.formats import dumps_impact, read_snapshot
from backorderkit.formats.files import StagedFiles
from backorderkit.model import read_time
from backorderkit.promising import ReceiptMove, impact, rescues
from tests.promising.test_impacts import line, move, orders, receipt, shop

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SHOP = str(EXAMPLES / "shop.json")
LATE = ("--due", "PO-318/1=2026-03-27")
Capture = pytest.CaptureFixture[str]


def refusal(capsys: Capture, *argv: str) -> list[str]:
    assert main(["impact", *argv]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_the_table_shows_what_moves_what_slips_and_what_saves_it(capsys: Capture) -> None:
    assert main(["impact", SHOP, *LATE]) == 0

    text = capsys.readouterr().out
    assert "Impact as of 2026-03-02 08:00 UTC by fifo" in text
    assert "PO-318/1: 12 pcs due 2026-03-06 of MUG-BLUE at WAREHOUSE" in text
    assert "now 12 pcs due 2026-03-27" in text
    assert "2026-03-06 2026-03-20  +14 144.00 EUR 2026-03-10, missed" in text
    assert "12 pcs 12 pcs of PO-318/2 by 2026-03-06" in text
    assert text.splitlines()[-1] == (
        "3 lines get worse, 1 newly miss the day asked for; 0 get better; 1 could be helped"
    )
    assert "\x1b" not in text


def test_several_receipts_move_at_once_in_the_units_of_their_items(capsys: Capture) -> None:
    argv = [*LATE, "--quantity", "PO-314/1=17.5", "--quantity", "PO-318/1=6", "--gone", "PO-311/1"]

    assert main(["impact", SHOP, *argv, "--format", "json"]) == 0

    receipts = json.loads(capsys.readouterr().out)["receipts"]
    assert [(each["receipt"], each["after"]) for each in receipts] == [
        ("PO-311/1", None),
        ("PO-314/1", {"quantity": "17.5", "due": "2026-03-02T14:00:00Z"}),
        ("PO-318/1", {"quantity": 6, "due": "2026-03-27T00:00:00Z"}),
    ]


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_documents_are_those_of_the_python_interface(capsys: Capture, kind: str) -> None:
    argv = [
        "impact",
        SHOP,
        *LATE,
        "--policy",
        "priority",
        "--as-of",
        "2026-03-03",
        "--format",
        kind,
    ]

    assert main(argv) == 0

    book = read_snapshot(SHOP, as_of=read_time("2026-03-03"))
    late = ReceiptMove(receipt=ReceiptId("PO-318/1"), due=read_time("2026-03-27"))
    found = impact(book, [late], policy=Priority())
    expected = {
        "json": dumps_impact(found, rescues=rescues(found)),
        "csv": dumps_impact(found, format="csv"),
    }
    assert capsys.readouterr().out == expected[kind]


@pytest.mark.parametrize(("worst", "saved"), [("0", 0), ("1", 1), ("2", 2)])
def test_only_the_worst_lines_are_saved(capsys: Capture, worst: str, saved: int) -> None:
    argv = ["impact", SHOP, "--gone", "PO-311/1", "--rescues", worst, "--format", "json"]

    assert main(argv) == 0

    assert len(json.loads(capsys.readouterr().out)["rescues"]) == saved


@pytest.mark.parametrize("name", ["impact.json", "impact.csv", "impact.txt"])
def test_out_is_written_by_its_ending(capsys: Capture, tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    assert main(["impact", SHOP, *LATE, "--out", str(path)]) == 0

    starts = {"impact.json": "{\n", "impact.csv": "order,line", "impact.txt": "Impact as of"}
    assert path.read_text("utf-8").startswith(starts[name])
    assert capsys.readouterr().out == ""


def test_an_id_may_hold_an_equals_sign(capsys: Capture, tmp_path: Path) -> None:
    odd = {"id": "PO=7", "sku": "MUG", "quantity": 1, "due": "2026-01-12"}
    book = tmp_path / "book.json"
    book.write_text(json.dumps({"as_of": "2026-01-05", "receipts": [odd]}), "utf-8")

    assert main(["impact", str(book), "--due", "PO=7=2026-01-19"]) == 0

    assert "0 lines get worse" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([], ["--due, --quantity or --gone: must name a receipt"]),
        (
            ["--due", "PO-1", "--due", "=2026-01-01", "--quantity", "PO-1=", "--due", "PO-1=soon"],
            [
                "--due: got 'PO-1', must be ID=TIME",
                "--due: got '=2026-01-01', must be ID=TIME",
                "--due: got 'PO-1=soon', must be a time with an offset such as"
                " 2026-01-05T09:00:00Z, or a date",
                "--quantity: got 'PO-1=', must be ID=N",
            ],
        ),
        (
            [*LATE, "--due", "PO-318/1=2026-03-28"],
            ["--due: got 'PO-318/1=2026-03-28', must name PO-318/1 once"],
        ),
        (
            ["--gone", "PO-9", "--quantity", "PO-314/1=1.2345", "--quantity", "PO-315/1=0"],
            [
                "receipt PO-314/1: quantity: got '1.2345', must fit 3 decimals",
                "receipt PO-315/1: quantity: got 0, must be > 0",
                "receipt: got 'PO-9', must be a scheduled receipt",
            ],
        ),
        (
            [*LATE, "--gone", "PO-318/1", "--due", "PO-315/1=2026-03-05"],
            [
                "receipt: got 'PO-315/1', must be moved to another time or quantity",
                "receipt PO-318/1: gone: got True, must not stand with due or quantity",
            ],
        ),
        (
            [*LATE, "--rescues", "-1"],
            ["--rescues: got -1, must be >= 0"],
        ),
        ([*LATE, "--rule", "equal"], ["--rule: belongs to --policy fair-share, not fifo"]),
        ([*LATE, "--out", SHOP], [f"--out: must be another path than INPUT, {SHOP}"]),
    ],
)
def test_what_cannot_be_done_is_refused_one_problem_a_line(
    capsys: Capture, argv: list[str], expected: list[str]
) -> None:
    assert refusal(capsys, SHOP, *argv) == expected


def test_nothing_is_written_on_refusal(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "impact.json"

    assert len(refusal(capsys, SHOP, "--gone", "PO-9", "--out", str(path))) == 1

    assert not path.exists()


def test_a_full_disk_is_a_refusal(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "impact.json")

    monkeypatch.setattr(StagedFiles, "add", full)

    assert refusal(capsys, SHOP, *LATE, "--out", str(tmp_path / "impact.json")) == [
        "impact.json: cannot be written (No space left on device)"
    ]


def test_every_kind_of_rescue_and_slip_has_its_words() -> None:
    mug, main_, store = Sku("MUG"), Location("MAIN"), Location("SHOP")
    hold = Hold(id=HoldId("cart"), sku=mug, quantity=1, expires_at=read_time("2026-02-01"))
    book = shop(
        items=[Item(sku=mug, lead_time_days=3)],
        stock=[
            StockLevel(sku=mug, location=main_, on_hand=2, safety_stock=2),
            StockLevel(sku=mug, location=store, on_hand=1),
        ],
        holds=[hold],
        receipts=[
            receipt("PO-1", 9, "2026-01-10"),
            receipt("PO-2", 2, "2026-01-09"),
            receipt("PO-3", 1, "2026-01-09", at="SHOP"),
            receipt("PO-4", 1, "2026-01-20"),
        ],
        orders=orders(line(9, at="MAIN", price="2.50", currency="EUR"), customer="\x1b[2J"),
    )
    found = impact(book, [move("PO-1", gone=True)], policy=Fifo())
    file = io.StringIO()

    print_impact(found, rescues(found), file)

    text = file.getvalue()
    for words in (
        *("now not coming", "no date", "transfer of 1 pcs from SHOP to MAIN"),
        *("1 pcs of PO-3 to MAIN, not SHOP", "pcs of the safety stock at MAIN"),
        *("that PO-2 would refill", "1 pcs that cart holds at MAIN", "1 pcs of PO-4 by 2026-01-10"),
        *("purchase of", "here on 2026-01-08", "\\x1b[2J"),
    ):
        assert words in text, words
    assert "\x1b" not in text
