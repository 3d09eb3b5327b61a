"""No number, id or time of a plan can be changed alone without being found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backorderkit import Fifo, InvalidInputError, Snapshot, plan
from backorderkit.checking import check_plan
from backorderkit.formats import dumps_plan, loads_plan
from backorderkit.testing import snapshots
from tests.laws.policies import examples

Place = tuple[Any, str | int]
SENTENCES = {"reason", "kind", "policy", "format"}
"""Sentences are for people, and names of rules and policies are what they are."""


def places_in(document: Any) -> Iterator[Place]:  # noqa: ANN401 - any JSON value
    """Give every number and text of a document, by what holds it."""
    entries = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in entries:
        if isinstance(value, dict | list):
            yield from places_in(value)
        elif key not in SENTENCES:
            yield document, key


@given(book=snapshots(), data=st.data())
@examples(300)
def test_what_is_changed_alone_is_found(book: Snapshot, data: st.DataObject) -> None:
    document = json.loads(dumps_plan(plan(book, policy=Fifo())))
    holder, key = data.draw(st.sampled_from(list(places_in(document))))
    value = holder[key]
    if isinstance(value, int):
        holder[key] = value + data.draw(st.sampled_from([-1, 1, 7]))
    elif value[:4].isdecimal() and value.endswith("Z"):
        holder[key] = f"{int(value[:4]) + 1}{value[4:]}"
    else:
        holder[key] = f"{value}1" if value.replace(".", "").isdecimal() else f"{value}x"

    try:
        read = loads_plan(json.dumps(document), snapshot=book)
    except InvalidInputError:
        return

    assert check_plan(book, read).faults
