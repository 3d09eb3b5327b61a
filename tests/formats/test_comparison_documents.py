"""Comparisons as documents."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import FairShare, Fifo, InvalidValueError, Snapshot, plan
from backorderkit.formats import dumps_comparison, read_snapshot, schema, write_comparison
from backorderkit.formats.comparisons import ratio_text
from backorderkit.promising import Comparison, compare
from backorderkit.testing import snapshots
from tests.laws.policies import POLICIES

VALIDATOR = jsonschema.Draft202012Validator(schema("comparison"))
SHOP = Path(__file__).parents[2] / "docs" / "examples" / "shop.json"
SIDES = ("allocated", "promised", "missing", "late", "unit_days_late", "told", "moved")


def example() -> Comparison:
    book = read_snapshot(SHOP)
    return compare(plan(book, policy=Fifo()), plan(book, policy=FairShare()))


def side(*quantities: int | str) -> dict[str, int | str]:
    return dict(zip(SIDES, quantities, strict=True))


def test_a_comparison_as_json_holds_all_there_is() -> None:
    found = example()

    document = json.loads(dumps_comparison(found))

    assert list(document) == [
        *("format", "as_of", "one", "other", "lines"),
        *("by_customer", "by_order", "fairness", "totals"),
    ]
    assert (document["one"], document["other"]) == ("fifo", "fair-share")
    (line,) = (each for each in document["lines"] if each["order"] == "SO-1010")
    assert line == {
        "order": "SO-1010",
        "line": "1",
        "sku": "MUG-BLUE",
        "customer": "Roestwerk Sued",
        "verdict": "loses",
        "unit": "pcs",
        "outstanding": 18,
        "requested": "2026-03-10T00:00:00Z",
        "one": side(6, 12, 0, 0, 0, 0, 0),
        "other": side(5, 13, 0, 9, 90, 0, 0),
        "sooner": 0,
        "later": 10,
        "unit_days": 130,
        "sooner_value": "0.00",
        "later_value": "120.00",
        "currency": "EUR",
        "shifts": [
            {
                "quantity": 1,
                "kind": "later",
                "one": "2026-03-02T08:00:00Z",
                "other": "2026-03-06T00:00:00Z",
                "allocated": "one",
                "days_later": 4,
            },
            {
                "quantity": 9,
                "kind": "later",
                "one": "2026-03-06T00:00:00Z",
                "other": "2026-03-20T00:00:00Z",
                "allocated": None,
                "days_later": 14,
            },
        ],
    }
    assert [each["customer"] for each in document["by_customer"]][:2] == ["Cafe Mond", "D. Meyer"]
    (meyer,) = (each for each in document["by_customer"] if each["customer"] == "D. Meyer")
    assert meyer == {
        "customer": "D. Meyer",
        "verdict": "loses",
        "lines": 1,
        "wins": 0,
        "loses": 1,
        "mixed": 0,
        "unpriced": 0,
        "by_unit": [
            {
                "unit": "pcs",
                "outstanding": 1,
                "requested": 0,
                "one": {**side(1, 0, 0, 0, 0, 0, 0), "nervousness": None},
                "other": {**side(0, 1, 0, 0, 0, 0, 0), "nervousness": None},
                "sooner": 0,
                "later": 1,
                "unit_days": 7,
            }
        ],
        "by_currency": [
            {
                "currency": "EUR",
                "one": _money("89.00", "0", "0", "0"),
                "other": _money("0", "89.00", "0", "0"),
                "sooner": "0",
                "later": "89.00",
            }
        ],
    }
    assert document["fairness"][-1] == {
        "unit": "pcs",
        "of": "customers",
        "counting": "promised",
        "one": {"count": 22, "jain": "0.933627", "gini": "0.086228"},
        "other": {"count": 22, "jain": "0.958061", "gini": "0.080640"},
    }
    assert (document["totals"]["wins"], document["totals"]["loses"]) == (13, 10)
    (kg,) = (each for each in document["totals"]["by_unit"] if each["unit"] == "kg")
    assert (kg["sooner"], kg["later"], kg["unit_days"]) == ("10.188", "10.188", "0")


def _money(*amounts: str) -> dict[str, str]:
    return dict(zip(SIDES[:4], amounts, strict=True))


def test_a_comparison_as_csv_has_a_row_for_each_line_that_differs() -> None:
    found = example()

    rows = list(csv.DictReader(io.StringIO(dumps_comparison(found, format="csv"))))

    assert len(rows) == len(found.changed) == 23
    for row, line in zip(rows, json.loads(dumps_comparison(found))["lines"], strict=True):
        flat = {key: value for key, value in line.items() if key not in {"one", "other", "shifts"}}
        for name in ("one", "other"):
            flat |= {f"{name}_{key}": value for key, value in line[name].items()}
        assert row == {key: "" if value is None else str(value) for key, value in flat.items()}


@pytest.mark.parametrize("name", ["comparison.json", "comparison.csv"])
def test_a_comparison_is_written_by_the_ending(tmp_path: Path, name: str) -> None:
    found = example()

    write_comparison(found, tmp_path / name)

    expected = {
        "comparison.json": dumps_comparison(found),
        "comparison.csv": dumps_comparison(found, format="csv"),
    }
    assert (tmp_path / name).read_text("utf-8") == expected[name]


def test_another_format_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="format: got 'xml', must be json or csv"):
        dumps_comparison(example(), format="xml")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (None, None),
        (Fraction(0), "0.000000"),
        (Fraction(1), "1.000000"),
        (Fraction(1, 3), "0.333333"),
        (Fraction(1, 2 * 10**6), "0.000000"),
        (Fraction(3, 2 * 10**6), "0.000002"),
    ],
)
def test_ratios_are_rounded_to_six_places(ratio: Fraction | None, text: str | None) -> None:
    assert ratio_text(ratio) == text


@given(book=snapshots(receipts=4, memory=4), policies=st.permutations([*POLICIES.values()]))
def test_written_comparisons_are_valid(book: Snapshot, policies: list[Fifo]) -> None:
    one, other = (plan(book, policy=policy) for policy in policies[:2])

    found = compare(one, other)

    VALIDATOR.validate(json.loads(dumps_comparison(found)))
