"""
How the time of a plan grows with the book; prints a table, and draws it if asked.

    python -m tests.benchmarks.growth [--most LINES] [--plot FILE.svg]
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

import attrs

from backorderkit import AllocationPolicy, FairShare, Fifo, plan
from tests.benchmarks.clock import seconds
from tests.benchmarks.workload import bare_fifo, make_workload

POLICIES: tuple[AllocationPolicy, ...] = (Fifo(), FairShare(rule="equal"), FairShare())
_REPEATS = 3


@attrs.frozen
class Book:
    """
    One shape of a book.

    Attributes:
        lines: Open lines.
        skus: Over so many SKUs, with a skewed popularity.
        receipts: Scheduled receipts of each SKU.
    """

    lines: int
    skus: int
    receipts: int = 0


def books(most: int) -> Iterator[Book]:
    """Give the shapes: more lines, more or fewer SKUs, one SKU with everything, many receipts."""
    for lines in (1_000, 10_000, 100_000, 1_000_000, 5_000_000):
        if lines <= most:
            yield Book(lines, lines // 10)
    for skus in (10, 1_000, 100_000, 1_000_000):
        yield Book(100_000, skus)
    yield Book(100_000, 1)
    yield Book(1_000, 1, 100)
    yield Book(1_000, 1, 1_000)
    yield Book(1_000, 1, 10_000)


def main() -> None:
    """Print nanoseconds for each line, or for each line and receipt where there are some."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth")
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--plot", default="")
    arguments = parser.parse_args()
    names = ["bare loop", *(str(getattr(policy, "name", "")) for policy in POLICIES)]
    print(f"{'lines':>9} {'SKUs':>9} {'receipts':>8}", *(f"{name:>18}" for name in names))
    rows = []
    for book in books(arguments.most):
        rows.append((book, times(book)))
        print(
            f"{book.lines:>9,} {book.skus:>9,} {book.receipts * book.skus:>8,}",
            *(f"{each:>18,.0f}" for each in rows[-1][1]),
            flush=True,
        )
    if arguments.plot:
        draw(rows, names, arguments.plot)


def times(book: Book) -> list[float]:
    """Time the bare loop and each policy on one book."""
    workload = make_workload(book.lines, skus=book.skus)
    snapshot = workload.snapshot(receipts=book.receipts)
    things = book.lines + book.receipts * book.skus
    jobs: list[Callable[[], object]] = [
        lambda: bare_fifo(workload.rows, workload.stock),
        *(partial(plan, snapshot, policy=policy) for policy in POLICIES),
    ]
    found = [median(seconds(job) for _ in range(_REPEATS)) for job in jobs]
    return [each / things * 1e9 for each in found]


def draw(rows: list[tuple[Book, list[float]]], names: list[str], path: str) -> None:
    """Draw the time for each line over the number of lines."""
    matplotlib = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "backorderkit"
    pyplot = importlib.import_module("matplotlib.pyplot")
    figure, axes = pyplot.subplots(figsize=(7, 4))
    plain = [(book, found) for book, found in rows if book.skus * 10 == book.lines]
    for column, name in enumerate(names):
        axes.plot(
            [book.lines for book, _ in plain],
            [found[column] / 1000 for _, found in plain],
            marker="o",
            linestyle="--" if column == 0 else "-",
            label=name,
        )
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("open lines, ten for each SKU")
    axes.set_ylabel("microseconds a line")
    axes.legend()
    axes.grid(visible=True, alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
