"""
How well promises hold that are made at a confidence; prints tables, draws if asked.

    python -m tests.benchmarks.promises [--plot FILE.svg]

The tables are those of the guide, with all of their digits.  The data sets are read
where ``BACKORDERKIT_DATA`` says.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime

from backorderkit.promising import Reliability
from tests.benchmarks.calibration import (
    Trial,
    error_of,
    half_of,
    learn,
    middle_of,
    try_dates,
    try_quantities,
)
from tests.benchmarks.past import Delivery, deliveries, inspected
from tests.benchmarks.replay import Outcome, Shop, learn_each_week, replay
from tests.data.conftest import where_data_is

ASKED = (50, 80, 90, 95)
END = datetime(2011, 12, 9, tzinfo=UTC)
"""The day on which the past of online_retail ends."""

YEAR, JANUARY = date(2010, 12, 1), date(2011, 1, 10)
SHOWN = ("Cruger Bike Company", "Custom Frames, Inc.", "Signature Cycles", "Jeff's Sporting Goods")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.promises")
    parser.add_argument("--plot", default="")
    arguments = parser.parse_args()
    folder = where_data_is()
    past = deliveries(folder / "online_retail/supply_synthetic.csv.gz")
    learnt_half = learn(past, middle_of(past))
    print("asked | when | stated | kept | 99 % interval | receipts | days told")
    for days in (None, 0, 7):
        print(*date_rows(try_dates(past, learnt_half, END, ASKED, days), days), sep="\n")
    bikes = inspected(folder / "adventureworks/supply.csv.gz")
    print("asked | stated | kept | receipts | good per cent told")
    print(*quantity_rows(bikes), sep="\n")
    print(
        "supplier | before: receipts | whole and good | stated | after: receipts | whole and good"
    )
    print(*supplier_rows(bikes), sep="\n")
    for name, weight in (("its own past", 1), ("all alike", 10**9), ("both", None)):
        print(f"{name}: mean squared error {error_of(bikes, half_of(bikes), weight):.4f}")
    print("asked | the whole year: kept, slip, days ahead | from January")
    shop = Shop.read(folder / "online_retail_sample")
    learnt = learn_each_week(shop)
    for percent in (None, *ASKED):
        print(replay_row(percent, replay(shop, learnt, percent)), flush=True)
    if arguments.plot:
        draw(past, learnt_half, arguments.plot)


def date_rows(trials: Iterable[Trial], days: int | None) -> Iterator[str]:
    """Give rows of the table of dates, as they are in the guide."""
    when = {None: "when it is ordered", 0: "on the due day"}.get(days, f"{days} days after it")
    for trial in trials:
        low, high = trial.interval
        yield _row(
            f"{trial.asked} %",
            when,
            f"{trial.stated:.2%}",
            f"{trial.share:.2%}",
            f"{low:.2%} to {high:.2%}",
            f"{trial.tried:,}",
            f"{trial.shift:+.0f}",
        )


def quantity_rows(past: Sequence[Delivery]) -> Iterator[str]:
    """Give rows of the table of quantities."""
    for trial in try_quantities(past, half_of(past), ASKED):
        yield _row(
            f"{trial.asked} %",
            f"{trial.stated:.1%}",
            f"{trial.share:.1%}",
            f"{trial.tried:,}",
            f"{trial.shift:.1f}",
        )


def supplier_rows(past: Sequence[Delivery]) -> Iterator[str]:
    """Give rows of the table of some suppliers."""
    half = half_of(past)
    reliability = learn(past, half)
    for supplier in SHOWN:
        own = [each for each in past if each.first.supplier == supplier]
        before, after = (
            [each.good >= each.ordered for each in own if (each.ordered_at < half) is is_before]
            for is_before in (True, False)
        )
        stated = reliability.shortfall(supplier, own[0].first.sku).keeping(100)
        yield _row(
            supplier,
            f"{len(before)}",
            f"{sum(before) / len(before):.1%}",
            f"{float(stated):.1%}",
            f"{len(after)}",
            f"{sum(after) / len(after):.1%}",
        )


def replay_row(percent: int | None, outcome: Outcome) -> str:
    """Give a row of the table of the replayed year."""
    cells = ["face value" if percent is None else f"{percent} %"]
    for since in (YEAR, JANUARY):
        found = outcome.promises(since)
        cells += [
            f"{found.kept / found.units:.1%}",
            f"{found.slip:.2f}",
            f"{found.wait:.1f}",
        ]
    return _row(*cells)


def draw(past: Sequence[Delivery], reliability: Reliability, path: str) -> None:
    """Draw what is kept over what is stated, with 99 % intervals."""
    matplotlib = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "backorderkit"
    pyplot = importlib.import_module("matplotlib.pyplot")
    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, label="stated = kept")
    percents = (5, 10, 12, 15, 18, *range(20, 100, 5), 97)
    for days, name in ((None, "asked when it is ordered"), (0, "on the due day"), (7, "7 days on")):
        trials = {
            trial.stated: trial
            for trial in try_dates(past, reliability, END, percents, days)
            if trial.tried
        }
        stated = sorted(trials)
        kept = [trials[each].share for each in stated]
        ends = [trials[each].interval for each in stated]
        axes.errorbar(
            stated,
            kept,
            yerr=[
                [share - low for share, (low, _) in zip(kept, ends, strict=True)],
                [high - share for share, (_, high) in zip(kept, ends, strict=True)],
            ],
            marker="o",
            markersize=3,
            capsize=2,
            linestyle="none",
            label=name,
        )
    axes.set_xlabel("stated")
    axes.set_ylabel("kept, with 99 % interval")
    axes.legend()
    axes.grid(visible=True, alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |".replace("%", " %").replace("  %", " %")


if __name__ == "__main__":
    main()
