"""What the commands do by a configuration file, and the preview of its segments."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from backorderkit import plan, preview
from backorderkit.__main__ import main
from backorderkit.checking import CHECKS
from backorderkit.formats import (
    dumps_plan,
    dumps_preview,
    read_configuration,
    read_snapshot,
    schema,
)
from backorderkit.promising import compare as compare_plans

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SHOP, RULES = str(EXAMPLES / "shop.json"), str(EXAMPLES / "rules.toml")
BY_RULES = ("--rules", RULES)
Capture = pytest.CaptureFixture[str]

BREAKING = """
policy = "fifo"
segments = [{name = "all", contract = {floor = "full-or-raise"}}]
"""
SHORT = """{
  "as_of": "2026-01-05T09:00:00Z",
  "items": [{"sku": "BEANS", "unit": "kg", "decimals": 2}],
  "stock": [{"sku": "BEANS", "on_hand": "1.25"}],
  "orders": [{"id": "SO-1", "placed_at": "2026-01-02",
    "lines": [{"id": "1", "sku": "BEANS", "ordered": "2.5", "requested": "2026-01-09"}]}]
}"""


@pytest.fixture
def short(tmp_path: Path) -> tuple[str, str]:
    """A book and the rules that break a contract in it."""
    book, rules = tmp_path / "short.json", tmp_path / "breaking.toml"
    book.write_text(SHORT, "utf-8")
    rules.write_text(BREAKING, "utf-8")
    return str(book), str(rules)


def written(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return str(path)


def refusal(capsys: Capture, *argv: str) -> list[str]:
    assert main(list(argv)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_a_plan_is_that_of_the_file(capsys: Capture) -> None:
    assert main(["plan", SHOP, *BY_RULES, "--format", "json"]) == 0

    found = read_configuration(RULES)
    made = plan(read_snapshot(SHOP), policy=found.policy, placing=found.placing)
    assert capsys.readouterr().out == dumps_plan(made)
    assert made.policy.startswith("priority, rules: segments, contracts")


def test_a_broken_contract_is_a_result(short: tuple[str, str], capsys: Capture) -> None:
    book, rules = short

    assert main(["plan", book, "--rules", rules]) == 0

    text = capsys.readouterr().out
    assert "Contracts that cannot be kept\nSO-1/1  BEANS\n" in text
    assert (
        "  Segment all owes 2.5 kg by 2026-01-09 (full-or-raise), and 1.25 can be had;"
        " the SKU stays as it was.\n"
    ) in text
    assert main(["plan", book, "--rules", rules, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["broken"][0]["owed"] == "2.5"


def test_a_plan_of_a_file_is_certified_with_it(tmp_path: Path, capsys: Capture) -> None:
    out, proof = str(tmp_path / "plan.json"), str(tmp_path / "proof.json")
    text = Path(RULES).read_text("utf-8")
    other = written(tmp_path / "other.toml", text.replace('"shops"', '"our shops"'))
    same = written(tmp_path / "same.toml", f"# The same.\nwaits = false\n{text}")
    assert main(["plan", SHOP, *BY_RULES, "--out", out, "--certificate", proof]) == 0

    certificate = json.loads(Path(proof).read_text("utf-8"))
    assert certificate["digests"]["rules"] == read_configuration(RULES).digest
    assert certificate["configuration"]["options"] == {}
    jsonschema.validate(certificate, schema("certificate"))
    checked = ["check", SHOP, out, "--certificate", proof]
    assert main([*checked, "--rules", same]) == 0
    assert "it is the one that was certified" in capsys.readouterr().out
    assert main([*checked, "--rules", other]) == 4
    assert capsys.readouterr().out.startswith("K4 rules: certificate: it says sha256:")
    assert main(checked) == 4
    assert capsys.readouterr().out.endswith(", found no configuration file\n")


def test_a_plan_keeps_to_its_rules(short: tuple[str, str], tmp_path: Path, capsys: Capture) -> None:
    book, breaking = short
    out = str(tmp_path / "plan.json")
    room = (
        'policy = "fifo"\nquotas = [{name = "q", by = ["sku"], rooms = [{values = ["*"], units = '
    )
    wide = written(tmp_path / "wide.toml", f"{room}100}}]}}]")
    narrow = written(tmp_path / "narrow.toml", f"{room}99}}]}}]")
    for rules in (breaking, wide):
        assert main(["plan", book, "--rules", rules, "--out", out]) == 0

        assert main(["check", book, out, "--rules", rules]) == 0
        assert f"{len(CHECKS)} checks, 1 lines" in capsys.readouterr().out

    assert main(["check", book, out, "--rules", narrow]) == 4
    (fault,) = capsys.readouterr().out.splitlines()
    assert " quotas: " in fault


def test_a_plan_without_a_file_is_not_certified_with_one(tmp_path: Path, capsys: Capture) -> None:
    out, proof = str(tmp_path / "plan.json"), str(tmp_path / "proof.json")
    assert main(["plan", SHOP, "--out", out, "--certificate", proof]) == 0
    assert "rules" not in json.loads(Path(proof).read_text("utf-8"))["digests"]

    assert main(["check", SHOP, out, "--certificate", proof, *BY_RULES]) == 4

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("K5 policy: plan: is by fifo, and the configuration file gives pri")
    assert lines[1].startswith("K4 rules: certificate: it says no configuration file, found sha256")


def test_an_unsplit_plan_is_by_its_file(tmp_path: Path, capsys: Capture) -> None:
    rules = written(tmp_path / "rules.toml", 'policy = "priority"\nsplit = "never"')
    out = str(tmp_path / "plan.json")
    assert main(["plan", SHOP, "--rules", rules, "--out", out]) == 0

    assert main(["check", SHOP, out, "--rules", rules]) == 0

    assert "The plan by priority, lines unsplit holds" in capsys.readouterr().out


def test_an_impact_is_that_of_the_file(capsys: Capture) -> None:
    argv = ["impact", SHOP, *BY_RULES, "--gone", "PO-320/2", "--format", "json"]

    assert main(argv) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["policy"].startswith("priority, rules: segments, contracts")
    assert [each["order"] for each in found["lines"]] == ["SO-1028"]


def test_an_explanation_is_that_of_the_file(capsys: Capture) -> None:
    assert main(["explain", SHOP, "SO-1010", "1", *BY_RULES]) == 0

    text = capsys.readouterr().out
    assert text.startswith(
        "SO-1010/1: 18 pcs of MUG-BLUE, as of 2026-03-02 08:00 UTC by priority, "
    )


def test_files_are_compared_on_either_side(tmp_path: Path, capsys: Capture) -> None:
    def out(*argv: str) -> str:
        assert main(["compare", SHOP, *argv]) == 0
        return capsys.readouterr().out

    shop, found = read_snapshot(SHOP), read_configuration(RULES)
    by_rules = plan(shop, policy=found.policy, placing=found.placing)
    fifo = plan(shop, policy=read_configuration(_fifo(tmp_path)).policy)
    totals = compare_plans(fifo, by_rules).totals
    counted = f"{totals.wins} win, {totals.loses} lose, {totals.mixed} mixed"
    assert counted in out("--with-rules", RULES)
    assert counted in out("--rules", _fifo(tmp_path), "--with-rules", RULES)
    turned = f"{totals.loses} win, {totals.wins} lose, {totals.mixed} mixed"
    assert turned in out(*BY_RULES, "--with", "fifo")


def _fifo(folder: Path) -> str:
    return written(folder / "fifo.toml", 'policy = "fifo"')


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        (
            ["plan", SHOP, *BY_RULES, "--policy", "fifo", "--split", "avoid"],
            "--rules: must not stand with --policy, --split: the file says that",
        ),
        (
            ["plan", SHOP, *BY_RULES, "--placing", "location-order"],
            "--rules: must not stand with --placing: the file says that",
        ),
        (
            ["impact", SHOP, *BY_RULES, "--gone", "PO-320/2", "--rule", "equal"],
            "--rules: must not stand with --rule: the file says that",
        ),
        (
            ["explain", SHOP, "SO-1010", "1", *BY_RULES, "--promises", "free"],
            "--rules: must not stand with --promises: the file says that",
        ),
        (
            ["compare", SHOP, "--with-rules", RULES, "--with", "fifo", "--with-promises", "keep"],
            "--with-rules: must not stand with --with, --with-promises: the file says that",
        ),
        (["compare", SHOP, *BY_RULES], "--with or --with-rules: must be given"),
        (["plan", SHOP, "--rules", ""], "--rules: must be a path"),
        (["segments", SHOP, "--rules", ""], "--rules: must be a path"),
        (["segments", SHOP], "Missing option '--rules'."),
        (
            ["plan", SHOP, *BY_RULES, "--out", RULES],
            f"--out: must be another path than the configuration file, {RULES}",
        ),
        (
            ["plan", SHOP, *BY_RULES, "--certificate", RULES],
            f"--certificate: must be another path than the configuration file, {RULES}",
        ),
        (
            ["segments", SHOP, *BY_RULES, "--out", RULES],
            f"--out: must be another path than the configuration file, {RULES}",
        ),
        (
            ["plan", SHOP, "--rules", "none.toml"],
            "none.toml: got 'none.toml', must be readable (No such file or directory)",
        ),
    ],
)
def test_a_usage_that_says_a_thing_twice_is_refused(
    argv: list[str], problem: str, capsys: Capture
) -> None:
    before = Path(RULES).read_text("utf-8")

    assert refusal(capsys, *argv) == [problem]
    assert Path(RULES).read_text("utf-8") == before


def test_every_problem_of_a_file_is_a_line(tmp_path: Path, capsys: Capture) -> None:
    bad = written(tmp_path / "bad.toml", 'policy = "lifo"\nquota = []\n')
    torn = written(tmp_path / "torn.toml", 'policy = "fifo"\n[[segments]\n')

    assert refusal(capsys, "plan", SHOP, "--rules", bad) == [
        "bad.toml: quota: got [], is not a known key: did you mean quotas? (format, policy,"
        " placing, split, locations, waits, disturb, ship, reserve, together, frozen, segments,"
        " quotas, protections, buffers)",
        "bad.toml: policy: got 'lifo', must be one of fifo, priority, fair-share, ranked, or a"
        " table with name",
    ]
    (line,) = refusal(capsys, "segments", SHOP, "--rules", torn)
    assert line.startswith("torn.toml:2:11: got '[[segments]', must be TOML (")


def test_lines_that_are_not_split_have_no_place_where_nothing_is_placed(
    tmp_path: Path, capsys: Capture
) -> None:
    rules = written(tmp_path / "rules.toml", 'policy = "fifo"\nsplit = "never"')

    for argv in (["impact", SHOP, "--gone", "PO-320/2"], ["explain", SHOP, "SO-1010", "1"]):
        (line,) = refusal(capsys, *argv, "--rules", rules)
        assert line.startswith("--rules: split must not be never here")


def test_segments_are_previewed(capsys: Capture) -> None:
    assert main(["segments", SHOP, *BY_RULES]) == 0

    text = capsys.readouterr().out
    rows = [" ".join(row.split()) for row in text.splitlines()]
    assert rows[0] == "Segments as of 2026-03-02 08:00 UTC"
    assert rows[2] == "segment order/line SKU open allocated also matches"
    assert "shops SO-1013/1 BEANS-ESPRESSO 18.5 kg 0" in rows
    assert "shops 23 0 10 bag 0" in rows
    assert "56.25 kg 0" in rows
    assert "(none) 0 0" in rows
    assert rows[-1] == "49 open lines: 49 in 2 segments, 0 in none"


def test_the_preview_as_json_is_of_its_schema(tmp_path: Path, capsys: Capture) -> None:
    rules = written(
        tmp_path / "rules.toml",
        'policy = "fifo"\nsegments = [{name = "old", include = ['
        '{attribute = "placed_at", most = 2026-02-20}]}, {name = "web", include = ['
        '{attribute = "channel", one_of = ["web"]}]}, {name = "empty", include = ['
        '{attribute = "sku", one_of = ["NONE"]}]}]',
    )
    out = tmp_path / "preview.json"

    assert main(["segments", SHOP, "--rules", rules, "--out", str(out)]) == 0

    text = out.read_text("utf-8")
    shop = read_snapshot(SHOP)
    found = preview(shop, read_configuration(rules).segments)
    assert text == dumps_preview(found, snapshot=shop)
    document = json.loads(text)
    jsonschema.validate(document, schema("preview"))
    assert [each["segment"] for each in document["segments"]] == ["old", "web", "empty", None]
    assert sum(each["lines"] for each in document["segments"]) == len(document["lines"]) == 49
    both = [each for each in document["lines"] if each["also"]]
    assert both
    assert all((each["segment"], each["also"]) == ("old", ["web"]) for each in both)
    assert document["segments"][1]["also"] == len(both)
    assert document["segments"][2]["by_unit"] == []
    assert main(["segments", SHOP, "--rules", rules, "--format", "json"]) == 0
    assert capsys.readouterr().out == text


def test_a_preview_of_an_empty_book_is_short(tmp_path: Path, capsys: Capture) -> None:
    book = written(tmp_path / "book.json", '{"as_of": "2026-01-05"}')

    assert main(["segments", book, *BY_RULES, "--as-of", "2026-01-06"]) == 0

    text = capsys.readouterr().out
    assert text.startswith("Segments as of 2026-01-06 00:00 UTC\n\nsegment")
    assert text.endswith("0 open lines: 0 in 2 segments, 0 in none\n")


def test_what_is_set_aside_is_not_sorted(tmp_path: Path, capsys: Capture) -> None:
    bad = SHORT.replace('"on_hand": "1.25"', '"on_hand": -1')
    book = written(tmp_path / "book.json", bad)

    argv = ["segments", book, *BY_RULES, "--set-aside", "--format", "json"]
    assert main(argv) == 3

    captured = capsys.readouterr()
    document = json.loads(captured.out)
    jsonschema.validate(document, schema("preview"))
    assert document["lines"] == []
    assert {"type": "sku", "sku": "BEANS"} in document["set_aside"]
    assert "set aside: SKU BEANS" in captured.err


def test_ids_steer_no_terminal(tmp_path: Path, capsys: Capture) -> None:
    name = "a\\u001b[2J"
    rules = written(tmp_path / "r.toml", f'policy = "fifo"\nsegments = [{{name = "{name}"}}]')

    assert main(["segments", SHOP, "--rules", rules]) == 0

    assert "\x1b" not in capsys.readouterr().out
