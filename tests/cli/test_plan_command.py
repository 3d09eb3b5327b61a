"""What the command line reads, writes and refuses."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from backorderkit import Fifo, plan
from backorderkit.__main__ import main
from backorderkit.cli import app, table
from backorderkit.formats import dumps_plan, read_snapshot
from backorderkit.formats.files import PathLike, StagedFiles
from backorderkit.model import read_time

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SHOP = str(EXAMPLES / "shop.json")
FOLDER = str(EXAMPLES / "shop")
AS_OF = "2026-03-02T08:00:00Z"
Capture = pytest.CaptureFixture[str]
LINE = {"id": "1", "sku": "MUG", "ordered": 4}


def refusal(capsys: Capture, *argv: str) -> list[str]:
    """Run something that must be refused, and give its lines on standard error."""
    assert main(["plan", *argv]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_the_table_shows_who_waits_why_and_the_sums(capsys: Capture) -> None:
    assert main(["plan", SHOP]) == 0

    text = capsys.readouterr().out
    assert "Plan as of 2026-03-02 08:00 UTC by fifo" in text
    assert "SO-1013/1  BEANS-ESPRESSO   18.5 kg     14.25    4.25       0" in text
    assert "safety stock keeps 0.75 kg back; nothing in sight for 0.75 kg." in text
    assert "49 open lines: 24 complete, 25 waiting; 77 changes to apply" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("promises", "policy", "due"),
    [
        ("free", "priority", "2026-01-19T00:00:00Z"),
        ("keep", "priority, promises kept", "2026-01-12T00:00:00Z"),
        ("hold", "priority, promised dates held", "2026-01-12T00:00:00Z"),
    ],
)
def test_the_night_job_keeps_what_was_told(
    capsys: Capture, tmp_path: Path, promises: str, policy: str, due: str
) -> None:
    regular = {"id": "SO-1", "placed_at": "2026-01-02", "lines": [{**LINE, "ordered": 4}]}
    urgent = {"id": "SO-2", "placed_at": "2026-01-06", "priority": 1, "lines": [LINE]}
    coming = [
        {"id": f"PO-{day}", "sku": "MUG", "quantity": 4, "due": f"2026-01-{day}"}
        for day in (12, 19)
    ]
    shop, tonight = tmp_path / "shop.json", tmp_path / "tonight.json"
    book = {"as_of": "2026-01-05", "receipts": coming, "orders": [regular]}
    shop.write_text(json.dumps(book), "utf-8")
    assert (
        main(["plan", str(shop), "--outcome", str(tonight), "--out", str(tmp_path / "x.json")]) == 0
    )
    told = json.loads(tonight.read_text("utf-8"))
    told["orders"].append(urgent)
    tonight.write_text(json.dumps(told), "utf-8")
    capsys.readouterr()

    options = ["--policy", "priority", "--promises", promises, "--format", "json"]
    assert main(["plan", str(tonight), *options]) == 0

    made = json.loads(capsys.readouterr().out)
    assert made["policy"] == policy
    assert made["lines"][0]["promises"][0]["due"] == due


def test_a_plan_without_shortage_has_no_waiting_lines(capsys: Capture, tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text('{"as_of": "2026-01-05"}', "utf-8")

    assert main(["plan", str(empty)]) == 0

    text = capsys.readouterr().out
    assert "0 open lines: 0 complete, 0 waiting; 0 changes to apply" in text
    assert "Why" not in text


def test_a_terminal_gets_colours_and_wrapped_sentences() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()

    table.print_table(plan(read_snapshot(SHOP), policy=Fifo()), screen)

    assert "\x1b[" in screen.getvalue()


def test_ids_steer_no_terminal(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    line = {"id": "1\n2", "sku": "\x1b[2J\u20ac", "ordered": 2}
    order = {"id": "A", "placed_at": "2026-01-01", "lines": [line]}
    path.write_text(json.dumps({"as_of": "2026-01-05", "orders": [order]}), "utf-8")

    assert main(["plan", str(path)]) == 0

    text = capsys.readouterr().out
    assert "A/1\\n2" in text
    assert "\\x1b[2J\u20ac" in text
    assert "\x1b" not in text


def test_what_is_open_is_what_is_allocated_and_what_waits(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "sent.json"
    line = {"id": "1", "sku": "MUG", "ordered": 9, "shipped": 3, "cancelled": 1}
    order = {"id": "A", "placed_at": "2026-01-01", "lines": [line]}
    stock = [{"sku": "MUG", "on_hand": 2}]
    document = {"as_of": "2026-01-05", "orders": [order], "stock": stock}
    path.write_text(json.dumps(document), "utf-8")

    assert main(["plan", str(path)]) == 0

    rows = [row.split() for row in capsys.readouterr().out.splitlines()]
    assert ["A/1", "MUG", "5", "pcs", "2", "3", "3"] in rows
    assert ["pcs", "5", "2", "3", "0", "3"] in rows


def test_a_dash_means_standard_output(capsys: Capture) -> None:
    assert main(["plan", SHOP, "--out", "-"]) == 0

    assert capsys.readouterr().out.startswith("Plan as of")


def test_forced_colours_stay_out_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = tmp_path / "plan.txt"

    assert main(["plan", SHOP, "--out", str(out)]) == 0

    assert "\x1b" not in out.read_text("utf-8")


def test_a_document_goes_to_any_text_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stdout", screen)

    assert main(["plan", SHOP, "--format", "json"]) == 0

    assert json.loads(screen.getvalue())["format"] == 1


@pytest.mark.parametrize(("stream", "status"), [("stdin", 2), ("stdout", 2), ("stderr", 0)])
def test_a_closed_stream_is_a_refusal_where_it_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stream: str, status: int
) -> None:
    monkeypatch.setattr(sys, stream, None)
    source = "-" if stream == "stdin" else SHOP
    outcome = tmp_path / "next.json"

    assert main(["plan", source, "--outcome", str(outcome)]) == status

    assert outcome.exists() is (status == 0)


def test_ids_that_look_like_markup_are_shown_as_they_are(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    line = {"id": "[/b]", "sku": "[red]X[/red]", "ordered": 2}
    order = {"id": ":smile:", "placed_at": "2026-01-01", "lines": [line]}
    path.write_text(json.dumps({"as_of": "2026-01-05", "orders": [order]}), "utf-8")

    assert main(["plan", str(path)]) == 0

    assert ":smile:/[/b]" in (text := capsys.readouterr().out)
    assert "[red]X[/red]" in text


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_documents_go_to_standard_output(capsys: Capture, kind: str) -> None:
    assert main(["plan", FOLDER, "--as-of", AS_OF, "--format", kind]) == 0

    made = plan(read_snapshot(SHOP), policy=Fifo())
    assert capsys.readouterr().out == dumps_plan(made, format="json" if kind == "json" else "csv")


@pytest.mark.parametrize(
    ("options", "policy"),
    [
        (["--policy", "priority"], "priority"),
        (["--policy", "fair-share"], "fair-share"),
        (["--policy", "fair-share", "--rule", "equal"], "fair-share equal"),
        (["--policy", "fair-share", "--rule", "equal-losses"], "fair-share equal-losses"),
    ],
)
def test_every_policy_can_be_chosen(capsys: Capture, options: list[str], policy: str) -> None:
    assert main(["plan", SHOP, "--format", "json", *options]) == 0

    assert json.loads(capsys.readouterr().out)["policy"] == policy


def test_a_snapshot_can_come_on_standard_input(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(Path(SHOP).read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)

    assert main(["plan", "-", "--as-of", "2026-03-03"]) == 0

    assert "Plan as of 2026-03-03 00:00 UTC" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["plan.json", "plan.csv", "plan.txt"])
def test_out_is_written_by_its_ending(capsys: Capture, tmp_path: Path, name: str) -> None:
    assert main(["plan", SHOP, "--out", str(tmp_path / name)]) == 0

    assert capsys.readouterr() == ("", "")
    text = (tmp_path / name).read_text("utf-8")
    starts = {"plan.json": "{", "plan.csv": "order,line,", "plan.txt": "Plan as of"}
    assert text.startswith(starts[name])


@pytest.mark.parametrize("target", ["next.json", "next/"])
def test_the_outcome_is_the_next_nights_input(tmp_path: Path, target: str) -> None:
    path = f"{tmp_path}/{target}"
    again = tmp_path / "again.json"

    assert main(["plan", SHOP, "--outcome", path, "--out", str(tmp_path / "plan.json")]) == 0
    assert main(["plan", path, "--as-of", AS_OF, "--out", str(again)]) == 0

    document = json.loads(again.read_text("utf-8"))
    assert document["changes"] == []
    assert read_snapshot(path, as_of=read_time(AS_OF)).backorders


def test_all_problems_of_a_document_are_listed_one_a_line(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    lines = [{"id": "1", "sku": "MUG", "ordered": -1}, {"id": "2", "sku": "MUG"}]
    order = {"id": "SO-1", "placed_at": "2026-01-01", "lines": lines}
    path.write_text(json.dumps({"as_of": "2026-01-05", "orders": [order]}), "utf-8")

    found = refusal(capsys, str(path), "--out", str(tmp_path / "plan.json"))

    assert found == [
        "bad.json: orders[0].lines[0].ordered: got -1, must be > 0 (order SO-1, line 1, SKU MUG)",
        (
            "bad.json: orders[0].lines[1].ordered: got nothing, must be given"
            " (order SO-1, line 2, SKU MUG)"
        ),
    ]
    assert [entry.name for entry in tmp_path.iterdir()] == ["bad.json"]


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["none.json"], "none.json: got 'none.json', must be readable (No such file"),
        ([FOLDER], "shop: as_of: got nothing, must be given by the caller"),
        ([SHOP, "--as-of", "now"], "--as-of: got 'now', must be a time with an offset"),
        ([SHOP, "--rule", "equal"], "--rule: belongs to --policy fair-share, not fifo"),
        ([SHOP, "--policy", "lifo"], "Invalid value for '--policy': "),
        ([SHOP, "--format", "xml"], "Invalid value for '--format': "),
        ([SHOP, "--bogus"], "No such option: --bogus"),
        ([SHOP, "more"], "Got unexpected extra argument"),
        ([], "Missing argument 'INPUT'."),
        ([SHOP, "--out", "/none/plan.json"], "--out: /none/plan.json cannot be written: there is"),
        ([SHOP, "--out", str(EXAMPLES)], f"--out: {EXAMPLES} is a folder"),
        ([SHOP, "--outcome", f"{SHOP}/"], f"--outcome: {SHOP}/ cannot be written: it is a file"),
        ([SHOP, "--out", "a", "--outcome", "./a"], "--outcome: must be another path than --out"),
        ([SHOP, "--out", SHOP], "--out: must be another path than INPUT"),
        ([FOLDER, "--out", f"{FOLDER}/orders.csv"], "--out: must be another path than INPUT"),
        (
            [SHOP, "--outcome", f"{FOLDER}/", "--out", f"{FOLDER}/stock.csv.gz"],
            "--outcome: must be another path than --out",
        ),
        ([SHOP, "--outcome", ""], "--outcome: must be a path"),
        ([SHOP, "--outcome", "-"], "--outcome: must be a path, since standard output holds"),
        ([SHOP, "--out", ""], "--out: must be a path"),
        ([SHOP, "--out", "a\0b/c"], "--out: a\0b/c cannot be written: there is no folder"),
        ([SHOP, "--out", f"{'a' * 5000}/"], f"--out: {'a' * 255} cannot be written: File name"),
        ([""], "INPUT: must be a path"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    capsys: Capture, argv: list[str], expected: str
) -> None:
    (line,) = refusal(capsys, *argv)

    assert line.startswith(expected)


def test_a_folder_without_permission_is_refused(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)

    (line,) = refusal(capsys, SHOP, "--outcome", f"{tmp_path}/")

    assert "no permission" in line


def test_a_full_disk_is_a_refusal(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("backorderkit.formats.files.StagedFiles._open_beside", full)
    out = tmp_path / "plan.json"

    (line,) = refusal(capsys, SHOP, "--out", str(out))

    assert line == f"{out}: cannot be written (No space left on device)"


@pytest.mark.parametrize("outcome", ["next.json", "next/"])
def test_what_cannot_be_written_whole_is_not_written_at_all(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: str
) -> None:
    write = StagedFiles.add

    def full(staged: StagedFiles, path: PathLike, pieces: Iterable[str]) -> None:
        if str(path).endswith("plan.json"):
            raise OSError(28, "No space left on device", "plan.json")
        write(staged, path, pieces)

    monkeypatch.setattr(StagedFiles, "add", full)

    out = str(tmp_path / "plan.json")
    (line,) = refusal(capsys, SHOP, "--out", out, "--outcome", f"{tmp_path}/{outcome}")

    assert line == "plan.json: cannot be written (No space left on device)"
    assert list(tmp_path.iterdir()) == []


def test_a_defect_of_ours_is_status_1_and_one_line(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(app, "run_plan", broken)
    monkeypatch.delenv("BACKORDERKIT_DEBUG", raising=False)

    assert main(["plan", SHOP]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert "a defect of ours, please report it: RuntimeError: two lines" in line


def test_debugging_shows_where_a_defect_is(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "run_plan", lambda *_: 1 / 0)
    monkeypatch.setenv("BACKORDERKIT_DEBUG", "1")

    assert main(["plan", SHOP]) == 1

    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_ends_quietly(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "run_plan", interrupted)

    assert main(["plan", SHOP]) == 130

    assert capsys.readouterr().err == ""


def test_a_closed_pipe_ends_quietly(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    silenced: list[bool] = []

    def closed(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(app, "run_plan", closed)
    # The real one closes a file that belongs to pytest here.
    monkeypatch.setattr(app, "silence_stdout", lambda: silenced.append(True))

    assert main(["plan", SHOP]) == 0

    assert silenced == [True]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_the_status_is_2(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name in [name for name in sys.modules if name.startswith("backorderkit.cli")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.setitem(sys.modules, f"{missing}.console", None)

    assert main(["plan", SHOP]) == 2

    assert "pip install 'backorderkit[cli]'" in capsys.readouterr().err


def test_another_broken_import_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "backorderkit.cli.app")
    monkeypatch.setitem(sys.modules, "backorderkit.planning.planner", None)

    with pytest.raises(ImportError):
        main(["plan", SHOP])


def test_version_and_help_are_shown(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["backorderkit", "--version"])

    assert main() == 0
    assert capsys.readouterr().out.startswith("backorderkit 0.")

    assert main(["plan", "--help"]) == 0
    assert "--outcome" in capsys.readouterr().out
    assert main([]) == 2


SPREAD = {
    "as_of": "2026-01-05",
    "stock": [
        {"sku": "MUG", "location": "EAST", "on_hand": 2},
        {"sku": "MUG", "location": "NORTH", "on_hand": 5},
        {"sku": "MUG", "location": "WEST", "on_hand": 4},
    ],
    "orders": [{"id": "SO-1", "placed_at": "2026-01-02", "lines": [LINE]}],
}


@pytest.mark.parametrize(
    ("ordered", "options", "expected"),
    [
        (4, [], {"EAST": 2, "NORTH": 2}),
        (4, ["--placing", "location-order", "--split", "avoid"], {"NORTH": 4}),
        (4, ["--placing", "fewest-shipments"], {"WEST": 4}),
        (8, ["--placing", "fullest-first"], {"NORTH": 5, "WEST": 3}),
        (8, ["--split", "never"], {"NORTH": 5}),
    ],
)
def test_units_come_from_where_they_are_asked_for(
    tmp_path: Path, ordered: int, options: list[str], expected: dict[str, int]
) -> None:
    book, proof, out = (tmp_path / name for name in ("book.json", "proof.json", "plan.json"))
    order = {"id": "SO-1", "placed_at": "2026-01-02", "lines": [{**LINE, "ordered": ordered}]}
    book.write_text(json.dumps({**SPREAD, "orders": [order]}), "utf-8")

    assert main(["plan", str(book), *options, "--out", str(out), "--certificate", str(proof)]) == 0

    (line,) = json.loads(out.read_text("utf-8"))["lines"]
    assert {each["location"]: each["quantity"] for each in line["allocations"]} == expected
    assert main(["check", str(book), str(out), "--certificate", str(proof)]) == 0
    said = json.loads(proof.read_text("utf-8"))["configuration"]["options"]
    chosen = dict(zip(options[::2], options[1::2], strict=True))
    assert said["placing"] == chosen.get("--placing", "location-order")
    assert said["split"] == chosen.get("--split", "allowed")


def test_promises_are_not_kept_by_lines_that_are_not_split(capsys: Capture) -> None:
    assert refusal(capsys, SHOP, "--split", "never", "--promises", "keep") == [
        "--split: must not be never with --promises keep"
    ]
