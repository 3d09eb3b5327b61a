"""What the command that checks plans says, and the certificate that a run leaves."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from backorderkit.__main__ import main

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SHOP = str(EXAMPLES / "shop.json")
FOLDER = str(EXAMPLES / "shop")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Path]:
    """A plan of the shop and its certificate."""
    paths = tmp_path / "plan.json", tmp_path / "certificate.json"
    assert main(["plan", SHOP, "--out", str(paths[0]), "--certificate", str(paths[1])]) == 0
    return paths


def edit(path: Path, *keys: str | int, value: object) -> None:
    """Change one value of a document."""
    document = json.loads(path.read_text("utf-8"))
    place: Any = document
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    path.write_text(json.dumps(document), "utf-8")


def refusal(capsys: Capture, *argv: str) -> list[str]:
    assert main(list(argv)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_a_plan_holds(made: tuple[Path, Path], capsys: Capture) -> None:
    assert main(["check", SHOP, str(made[0])]) == 0

    assert capsys.readouterr().out == "The plan by fifo holds: 15 checks, 49 lines.\n"


def test_faults_are_one_a_line(made: tuple[Path, Path], capsys: Capture) -> None:
    edit(made[0], "totals", "lines", value=48)

    assert main(["check", SHOP, str(made[0])]) == 4

    assert capsys.readouterr().out == "C5 totals: totals: lines is 48, there are 49\n"


def test_a_plan_of_a_folder_is_checked_at_its_own_moment(tmp_path: Path, capsys: Capture) -> None:
    out, proof = str(tmp_path / "plan.json"), str(tmp_path / "proof.json")
    late = ["--as-of", "2026-03-20"]
    assert main(["plan", FOLDER, *late, "--out", out, "--certificate", proof]) == 0

    assert main(["check", FOLDER, out, "--certificate", proof]) == 0

    assert capsys.readouterr().out.endswith("it is the one that was certified.\n")


def test_units_that_a_rule_holds_back_are_noted(tmp_path: Path, capsys: Capture) -> None:
    book, out, then = (str(tmp_path / name) for name in ("book.json", "plan.json", "then.json"))
    line = {"id": "1", "sku": "MUG", "ordered": 2}
    order = {"id": "A", "placed_at": "2026-01-01", "lines": [line]}
    receipt = {"id": "PO", "sku": "MUG", "quantity": 2, "due": "2026-01-12"}
    document = {"as_of": "2026-01-05", "orders": [order], "receipts": [receipt]}
    Path(book).write_text(json.dumps(document), "utf-8")
    assert main(["plan", book, "--out", out, "--outcome", then]) == 0
    edit(Path(then), "stock", value=[{"sku": "MUG", "on_hand": 1}])
    assert main(["plan", then, "--promises", "hold", "--out", out]) == 0

    assert main(["check", then, out]) == 0

    note, summary = capsys.readouterr().out.splitlines()
    assert note == (
        "note: C13 idle: order A, line 1: waits, and could get 1 pcs more of the stock on hand"
    )
    assert summary.startswith("The plan by fifo, promised dates held holds")


def test_the_digests_are_of_the_canonical_documents(made: tuple[Path, Path]) -> None:
    document = json.loads(made[0].read_text("utf-8"))
    said = json.loads(made[1].read_text("utf-8"))

    canonical = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    assert said["digests"]["output"] == f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
    assert said["configuration"]["policy"] == "fifo"
    assert said["configuration"]["options"] == {
        "placing": "location-order",
        "policy": "fifo",
        "promises": "free",
        "split": "allowed",
    }


def test_a_fair_share_certifies_its_rule(tmp_path: Path) -> None:
    proof = tmp_path / "proof.json"

    assert main(["plan", SHOP, "--policy", "fair-share", "--certificate", str(proof)]) == 0

    assert json.loads(proof.read_text("utf-8"))["configuration"]["rule"] == "proportional"


def test_another_layout_of_the_files_changes_nothing(
    made: tuple[Path, Path], capsys: Capture
) -> None:
    for path in made:
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")), indent=7), "utf-8")

    assert main(["check", SHOP, str(made[0]), "--certificate", str(made[1])]) == 0

    assert "certified" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "keys", "value", "found"),
    [
        pytest.param(0, ("lines", 0, "reason"), "Because.", ["K3 output"], id="another sentence"),
        pytest.param(0, ("policy",), "mine", ["K2 config", "K3 output"], id="another policy"),
        pytest.param(1, ("configuration", "version"), "9", ["K2 config"], id="another version"),
        pytest.param(1, ("configuration", "rule"), "mine", ["K2 config"], id="another rule"),
        pytest.param(1, ("digests", "input"), f"sha256:{0:064}", ["K1 input"], id="another input"),
    ],
)
def test_what_was_not_certified_is_found(
    made: tuple[Path, Path],
    capsys: Capture,
    file: int,
    keys: tuple[str | int, ...],
    value: object,
    found: list[str],
) -> None:
    edit(made[file], *keys, value=value)

    assert main(["check", SHOP, str(made[0]), "--certificate", str(made[1])]) == 4

    lines = capsys.readouterr().out.splitlines()
    assert [line[: len(start)] for line, start in zip(lines, found, strict=True)] == found


def test_a_snapshot_that_was_changed_since_is_found(
    made: tuple[Path, Path], tmp_path: Path, capsys: Capture
) -> None:
    document = json.loads(Path(SHOP).read_text("utf-8"))
    document["orders"][0]["customer"] = "somebody else"
    changed = tmp_path / "shop.json"
    changed.write_text(json.dumps(document), "utf-8")

    assert main(["check", str(changed), str(made[0])]) == 0
    assert main(["check", str(changed), str(made[0]), "--certificate", str(made[1])]) == 4

    assert capsys.readouterr().out.splitlines()[1].startswith("K1 input: certificate: it says")


def test_what_cannot_be_read_is_refused(
    made: tuple[Path, Path], tmp_path: Path, capsys: Capture
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"as_of": "2026-03-02T08:00:00Z", "lines": 3}', "utf-8")
    plan, proof = map(str, made)

    assert refusal(capsys, "check", SHOP, str(tmp_path / "none.json"))[0].startswith("none.json")
    assert "bad.json: lines: got 3, must be a list" in refusal(capsys, "check", SHOP, str(bad))
    assert refusal(capsys, "check", SHOP, plan, "--certificate", str(bad))[0].startswith("bad.json")
    assert refusal(capsys, "check", "", plan) == [
        "INPUT, PLAN, --certificate, --rules: must be a path"
    ]
    assert refusal(capsys, "check", plan, proof)[0].startswith("certificate.json: as_of")


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        pytest.param(["--certificate", "-"], "must be a path, since standard", id="dash"),
        pytest.param(["--certificate", "."], ". is a folder", id="folder"),
        pytest.param(["--certificate", "no/c.json"], "there is no folder no", id="no folder"),
        pytest.param(["--certificate", SHOP], "must be another path than INPUT", id="input"),
        pytest.param(
            ["--out", "x.json", "--certificate", "./x.json"],
            "must be another path than --out",
            id="plan",
        ),
        pytest.param(
            ["--outcome", "x.json", "--certificate", "x.json"],
            "must be another path than --outcome",
            id="outcome",
        ),
    ],
)
def test_a_certificate_needs_a_place_of_its_own(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
    argv: list[str],
    problem: str,
) -> None:
    monkeypatch.chdir(tmp_path)

    (line,) = refusal(capsys, "plan", SHOP, *argv)

    assert line.startswith("--certificate: ")
    assert problem in line
    assert list(tmp_path.iterdir()) == []


def test_findings_are_utf_8_whatever_the_terminal_speaks(
    made: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(made[0], "policy", value="\u20ac\u0007")
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1"))

    assert main(["check", SHOP, str(made[0])]) == 0

    assert raw.getvalue().decode().startswith("The plan by \u20ac\\x07 holds")
