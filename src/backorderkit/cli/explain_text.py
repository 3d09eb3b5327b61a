"""Why a line gets what it gets, and what it would take, as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from backorderkit.cli.table import new_table, print_parts, safe_text
from backorderkit.model.units import Unit
from backorderkit.planning import Served
from backorderkit.policies.protocol import policy_name
from backorderkit.promising import Answers


def print_explanation(answers: Answers, file: TextIO) -> None:
    """Print the explanation of a line, who was served, and what it would take."""
    print_parts(lambda hang: _parts(answers, hang=hang), file)


def _parts(answers: Answers, *, hang: bool) -> Iterator[RenderableType]:
    unit, explained = answers.unit, answers.explanation
    by = policy_name(answers.policy)
    whose = f"{answers.order}/{answers.line}"
    units = f"{_sized(unit, answers.outcome.outstanding)} of {answers.sku}"
    title = f"{whose}: {units}, as of {answers.as_of:%Y-%m-%d %H:%M} UTC by {by}"
    yield safe_text(title, style="bold")
    yield _sentence(explained.sentence, hang=hang)
    yield Text()
    if explained.blockers:
        yield Text("What stands in its way", style="bold")
        for blocker in explained.blockers:
            yield safe_text(f"  {blocker.kind}: {_sized(unit, blocker.quantity)}")
        yield Text()
    for title, served in (
        ("Others that have units on hand", explained.served),
        ("Others that are promised units to come", explained.promised),
    ):
        if served:
            yield Text(title, style="bold")
            yield _table(served, unit)
            yield Text()
    wanted = "be allocated now" if answers.by is None else f"come by {answers.by:%Y-%m-%d}"
    yield Text(f"What it would take for all to {wanted}", style="bold")
    for sentence in answers.sentences:
        yield _sentence(sentence, hang=hang)


def _sentence(text: str, *, hang: bool) -> RenderableType:
    sentence = safe_text(text)
    return Padding(sentence, (0, 0, 0, 2), expand=False) if hang else Text("  ") + sentence


def _table(served: Iterable[Served], unit: Unit) -> Table:
    table = new_table("order/line")
    table.add_column("units", justify="right", overflow="fold")
    for name in ("location", "receipt"):
        table.add_column(name, overflow="fold")
    for each in served:
        table.add_row(
            safe_text(f"{each.order}/{each.line}"),
            safe_text(_sized(unit, each.quantity)),
            safe_text(each.location),
            safe_text(each.receipt or ""),
        )
    return table


def _sized(unit: Unit, quantity: int) -> str:
    return f"{unit.to_text(quantity)} {unit.name}"
