"""Real and synthetic pasts: what is stated is kept, and the guide's tables are these."""

from __future__ import annotations

from pathlib import Path

import pytest

from backorderkit.promising import Reliability
from tests.benchmarks.calibration import error_of, half_of, learn, middle_of, try_dates
from tests.benchmarks.past import Delivery, deliveries, inspected, rows
from tests.benchmarks.promises import (
    ASKED,
    END,
    JANUARY,
    YEAR,
    date_rows,
    quantity_rows,
    replay_row,
    supplier_rows,
)
from tests.benchmarks.replay import Shop, learn_each_week, replay
from tests.docs.blocks import ROOT

GUIDE = (ROOT / "docs/guides/reliability.md").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def receipts(data_folder: Path) -> list[Delivery]:
    return deliveries(data_folder / "online_retail/supply_synthetic.csv.gz")


@pytest.fixture(scope="module")
def learnt_half(receipts: list[Delivery]) -> Reliability:
    return learn(receipts, middle_of(receipts))


@pytest.fixture(scope="module")
def bikes(data_folder: Path) -> list[Delivery]:
    return inspected(data_folder / "adventureworks/supply.csv.gz")


@pytest.fixture(scope="module")
def shop(data_folder: Path) -> Shop:
    return Shop.read(data_folder / "online_retail_sample")


@pytest.fixture(scope="module")
def learnt(shop: Shop) -> list[Reliability]:
    return learn_each_week(shop)


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(None, id="asked when it is ordered"),
        pytest.param(0, id="asked on the due day"),
        pytest.param(7, id="asked a week after it"),
    ],
)
def test_a_stated_confidence_lies_in_the_interval_of_the_share_kept(
    receipts: list[Delivery], learnt_half: Reliability, days: int | None
) -> None:
    """
    A receipt is one trial, however many parts it has.
    """
    trials = list(try_dates(receipts, learnt_half, END, ASKED, days))

    assert [trial.asked for trial in trials] == list(ASKED)
    for trial in trials:
        assert trial.is_honest, trial
        assert trial.stated >= trial.asked / 100
    assert set(date_rows(trials, days)) <= set(GUIDE)


def test_quantities_of_suppliers_that_differ_are_as_in_the_guide(bikes: list[Delivery]) -> None:
    assert {*quantity_rows(bikes), *supplier_rows(bikes)} <= set(GUIDE)


def test_the_learnt_weight_is_better_than_either_past_alone(bikes: list[Delivery]) -> None:
    half = half_of(bikes)

    learnt, own, everybody = (error_of(bikes, half, weight) for weight in (None, 1, 10**9))

    assert learnt < own < everybody


def test_suppliers_that_were_drawn_alike_are_taken_together(
    receipts: list[Delivery], learnt_half: Reliability
) -> None:
    first = receipts[0].first

    evidence = learnt_half.lateness(first.supplier, first.sku).evidence

    assert (evidence.level, evidence.supplier_weight, evidence.item_weight) == ("all", None, None)


@pytest.mark.parametrize("percent", [None, *ASKED], ids=lambda each: f"at {each or 'face value'}")
def test_the_replayed_year_is_as_in_the_guide(
    data_folder: Path, shop: Shop, learnt: list[Reliability], percent: int | None
) -> None:
    outcome = replay(shop, learnt, percent)

    # Whatever was promised, another program finds the same waiting, till the same day.
    oracle = {
        row["line_id"]: (int(row["backordered_qty"]), row["completed_at"][:10])
        for row in rows(data_folder / "online_retail_sample/oracle_fifo_partial.csv")
    }
    waited = {
        line: (len(units), max((str(unit.came or "") for unit in units), key=bool_first))
        for (_, line), units in outcome.lines.items()
    }
    assert waited == oracle
    assert [outcome.promises(since).units for since in (YEAR, JANUARY)] == [4070, 2687]
    assert replay_row(percent, outcome) in GUIDE


def bool_first(day: str) -> tuple[bool, str]:
    """Sort a unit that never came behind all days."""
    return not day, day
