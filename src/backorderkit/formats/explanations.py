"""Writes why a line gets what it gets, and what it would take, as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from backorderkit.formats import fields as f
from backorderkit.formats.files import PathLike, write_text
from backorderkit.formats.partials import NOTHING_SET_ASIDE, SetAside
from backorderkit.formats.partials_writer import written_aside
from backorderkit.formats.writer import (
    Json,
    WrittenRecord,
    json_lines,
    units_of,
    write_record,
    written_quantity,
)
from backorderkit.model.backorders import Promise
from backorderkit.model.times import write_time
from backorderkit.model.units import Unit
from backorderkit.planning import Blocker, Served
from backorderkit.policies.protocol import policy_name
from backorderkit.promising import Answer, Answers, LineOutcome, Remedy

REMEDY_TEXTS: Final = (
    "location",
    "receipt",
    "hold",
    "order",
    "line",
    "before",
    "quota",
    "protection",
)
REMEDY_QUANTITIES: Final = ("quantity", "left")
REMEDY_TIMES: Final = ("due", "placed_at")
"""The attributes of remedies that are written; null where a remedy has none of the name."""


def dumps_explanation(answers: Answers, *, set_aside: SetAside = NOTHING_SET_ASIDE) -> str:
    """
    Write why a line gets what it gets, and what it would take, as the text of a JSON document.

    Args:
        answers: What it would take; the explanation is that of its plan.
        set_aside: What it does without.
    """
    return "".join(_explanation_json(answers, set_aside))


def write_explanation(
    answers: Answers, path: PathLike, *, set_aside: SetAside = NOTHING_SET_ASIDE
) -> None:
    """
    Write why a line gets what it gets, and what it would take, to a JSON file.

    Args:
        answers: What it would take; the explanation is that of its plan.
        path: The file.
        set_aside: What it does without.

    Raises:
        OSError: if it cannot be written; no file is ever left half written.
    """
    write_text(path, (dumps_explanation(answers, set_aside=set_aside),))


def _explanation_json(answers: Answers, set_aside: SetAside) -> Iterator[str]:
    """Give pieces of the document, a line for each record."""
    unit, explained = answers.unit, answers.explanation
    outcome = _outcome(answers.outcome, unit)
    head: WrittenRecord = {
        "format": f.FORMAT,
        "as_of": write_time(answers.as_of),
        "policy": policy_name(answers.policy),
        "order": answers.order,
        "line": answers.line,
        "sku": answers.sku,
        "unit": unit.name,
        **{name: value for name, value in outcome.items() if name != "promises"},
        "sentence": explained.sentence,
        "by": _time(answers.by),
        "is_served": answers.is_served,
        "tried": answers.tried,
    }
    lists = {
        "promises": (write_record(each, f.PROMISE, unit) for each in answers.outcome.promises),
        "blockers": (_blocker(each, unit) for each in explained.blockers),
        "served": _served(explained.served, unit),
        "promised": _served(explained.promised, unit),
        "answers": (_answer(each, unit) for each in answers.answers),
        **written_aside(set_aside, units_of(answers.plan.snapshot)),
    }
    yield from json_lines(head, lists)


def _outcome(outcome: LineOutcome, unit: Unit) -> WrittenRecord:
    return {
        "outstanding": written_quantity(outcome.outstanding, unit),
        "allocated": written_quantity(outcome.allocated, unit),
        "promises": _promises(outcome.promises, unit),
        "unpromised": written_quantity(outcome.unpromised, unit),
    }


def _promises(promises: Iterable[Promise], unit: Unit) -> list[Json]:
    return [write_record(promise, f.PROMISE, unit) for promise in promises]


def _blocker(blocker: Blocker, unit: Unit) -> WrittenRecord:
    return {"kind": blocker.kind, "quantity": written_quantity(blocker.quantity, unit)}


def _served(served: Iterable[Served], unit: Unit) -> Iterator[WrittenRecord]:
    for each in served:
        yield {
            "order": each.order,
            "line": each.line,
            "quantity": written_quantity(each.quantity, unit),
            "location": each.location,
            "receipt": each.receipt,
        }


def _answer(answer: Answer, unit: Unit) -> WrittenRecord:
    return {
        "kind": answer.kind,
        **_remedy(answer.remedy, unit),
        "by": _time(answer.by),
        "is_least": answer.is_least,
        "outcome": _outcome(answer.outcome, unit),
        "sentence": answer.sentence,
    }


def _remedy(remedy: Remedy, unit: Unit) -> WrittenRecord:
    """Write what a remedy has of what remedies have; one of the host's may have anything."""
    written: WrittenRecord = {}
    for name in (*REMEDY_TEXTS, *REMEDY_QUANTITIES, *REMEDY_TIMES, "priority"):
        value: object = getattr(remedy, name, None)
        written[name] = None
        if name in REMEDY_TEXTS and isinstance(value, str):
            written[name] = value
        elif name in REMEDY_TIMES and isinstance(value, datetime):
            written[name] = write_time(value)
        elif type(value) is int and name in REMEDY_QUANTITIES:
            written[name] = written_quantity(value, unit)
        elif type(value) is int and name == "priority":
            written[name] = value
    return written


def _time(when: datetime | None) -> str | None:
    return None if when is None else write_time(when)
