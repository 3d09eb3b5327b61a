"""What the commands do with documents that have problems, if they may go on without."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from backorderkit import Fifo, Snapshot, plan
from backorderkit.__main__ import main
from backorderkit.cli import output
from backorderkit.formats import dumps_plan, loads_partial, read_snapshot, schema, write_plan
from tests.formats.sample import FULL, Document, changed

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SHOP = str(EXAMPLES / "shop.json")
Capture = pytest.CaptureFixture[str]
PLAN = ("plan",)
IMPACT = ("impact", "--due", "PO-7/1=2026-01-19")
COMMANDS = [pytest.param(PLAN, id="plan"), pytest.param(IMPACT, id="impact")]


def break_flour(document: Document) -> None:
    document["stock"][1]["on_hand"] = -1


TOLD = [
    "dirty.json: stock[1].on_hand: got -1, must be >= 0 (SKU FLOUR, location SHOP)",
    "set aside: SKU FLOUR",
    "set aside: order SO-1",
    "kept for order SO-1, line 1: 2 pcs of SKU MUG at MAIN",
]
LISTED = [
    {"type": "sku", "sku": "FLOUR"},
    {"type": "order", "order": "SO-1"},
    {
        "type": "allocation",
        "order": "SO-1",
        "line": "1",
        "sku": "MUG",
        "location": "MAIN",
        "quantity": 2,
    },
    {
        "type": "problem",
        "path": "dirty.json: stock[1].on_hand",
        "field": "on_hand",
        "reason": "must be >= 0",
        "text": TOLD[0],
    },
]


@pytest.fixture
def dirty(tmp_path: Path) -> str:
    path = tmp_path / "dirty.json"
    path.write_text(changed(break_flour), "utf-8")
    return str(path)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_rest_is_answered_and_the_status_is_3(
    capsys: Capture, dirty: str, command: tuple[str, ...]
) -> None:
    assert main([*command, dirty, "--set-aside", "--format", "json"]) == 3

    captured = capsys.readouterr()
    assert captured.err.splitlines() == TOLD
    document = json.loads(captured.out)
    assert document["set_aside"] == LISTED
    jsonschema.validate(document, schema("plan" if command is PLAN else "impact"))


@pytest.mark.parametrize("command", COMMANDS)
def test_without_problems_nothing_is_different(
    capsys: Capture, tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "clean.json"
    path.write_text(json.dumps(FULL), "utf-8")

    assert main([*command, str(path), "--format", "json"]) == 0
    usual = capsys.readouterr()
    assert main([*command, str(path), "--set-aside", "--format", "json"]) == 0

    assert capsys.readouterr() == usual


@pytest.mark.parametrize("command", COMMANDS)
def test_the_whole_is_refused_unless_asked_otherwise(
    capsys: Capture, dirty: str, command: tuple[str, ...]
) -> None:
    assert main([*command, dirty]) == 2

    captured = capsys.readouterr()
    assert (captured.out, captured.err.splitlines()) == ("", TOLD[:1])


def test_the_plan_is_that_of_the_python_interface(
    capsys: Capture, dirty: str, tmp_path: Path
) -> None:
    out = tmp_path / "plan.json"

    assert main(["plan", dirty, "--set-aside", "--out", str(out)]) == 3

    partial = loads_partial(changed(break_flour), name="dirty.json")
    made = plan(partial.snapshot, policy=Fifo())
    write_plan(made, tmp_path / "again.json", set_aside=partial.set_aside)
    assert out.read_text("utf-8") == dumps_plan(made, set_aside=partial.set_aside)
    assert out.read_text("utf-8") == (tmp_path / "again.json").read_text("utf-8")
    assert capsys.readouterr().out == ""


def test_standard_input_may_have_problems_too(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = changed(break_flour).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))

    assert main(["plan", "-", "--set-aside"]) == 3

    captured = capsys.readouterr()
    assert captured.err.splitlines()[0] == TOLD[0].replace("dirty.json", "<stdin>")
    assert "0 open lines" in captured.out


@pytest.mark.parametrize(
    "change",
    [lambda d: d.update(as_of="soon"), lambda d: d["stock"][1].pop("sku")],
)
def test_what_concerns_no_sku_is_refused_all_the_same(
    capsys: Capture, tmp_path: Path, change: Callable[[Document], object]
) -> None:
    path = tmp_path / "dirty.json"
    path.write_text(changed(change), "utf-8")
    assert main(["plan", str(path)]) == 2
    usual = capsys.readouterr()

    assert main(["plan", str(path), "--set-aside"]) == 2

    assert capsys.readouterr() == usual
    assert usual.out == ""


def test_an_outcome_would_lack_what_is_set_aside(
    capsys: Capture, dirty: str, tmp_path: Path
) -> None:
    outcome = tmp_path / "next.json"

    assert main(["plan", dirty, "--set-aside", "--outcome", str(outcome)]) == 2

    assert capsys.readouterr().err.splitlines() == [
        "--outcome: must not stand with --set-aside: it would lack what is set aside"
    ]
    assert not outcome.exists()


def test_a_part_of_an_input_is_not_certified(capsys: Capture, dirty: str, tmp_path: Path) -> None:
    proof = tmp_path / "proof.json"

    assert main(["plan", dirty, "--set-aside", "--certificate", str(proof)]) == 2

    assert capsys.readouterr().err.splitlines() == [
        "--certificate: must not stand with --set-aside: only a whole input can be checked"
    ]
    assert not proof.exists()


def test_a_receipt_that_is_set_aside_cannot_move(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "dirty.json"
    path.write_text(changed(lambda d: d["stock"][0].update(on_hand=-1)), "utf-8")

    assert main([*IMPACT, str(path), "--set-aside"]) == 2

    told = capsys.readouterr().err.splitlines()
    assert "set aside: SKU MUG" in told
    assert told[-1] == "receipt: got 'PO-7/1', must be a scheduled receipt"


def test_ids_that_are_set_aside_steer_no_terminal(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "dirty.json"
    stock = [{"sku": "\x1b[2J\n", "on_hand": -1}]
    path.write_text(json.dumps({"as_of": "2026-01-05", "stock": stock}), "utf-8")

    assert main(["plan", str(path), "--set-aside"]) == 3

    assert capsys.readouterr().err.splitlines()[-1] == "set aside: SKU \\x1b[2J\\n"


def test_a_closed_pipe_does_not_hide_that_something_is_set_aside(
    capsys: Capture, dirty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(output.Output, "write", closed)
    # The real one closes a file that belongs to pytest here.
    monkeypatch.setattr(output, "silence_stdout", lambda: None)

    assert main(["plan", dirty, "--set-aside"]) == 3

    assert capsys.readouterr().err.splitlines() == TOLD


def test_a_shop_with_one_bad_row_is_planned_without_it(capsys: Capture, tmp_path: Path) -> None:
    document = json.loads(Path(SHOP).read_text("utf-8"))
    (row,) = (each for each in document["stock"] if each["sku"] == "BEANS-DECAF")
    row["on_hand"] = "many"
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(document), "utf-8")

    assert main(["plan", str(path), "--set-aside", "--format", "json"]) == 3

    lines = {
        (each["order"], each["line"]): each for each in json.loads(capsys.readouterr().out)["lines"]
    }
    whole: Snapshot = read_snapshot(SHOP)
    touched = {
        order.id for order in whole.orders if any(line.sku == "BEANS-DECAF" for line in order.lines)
    }
    assert touched
    assert {order for order, _ in lines} == {
        line.order for line in plan(whole, policy=Fifo()).lines if line.order not in touched
    }
