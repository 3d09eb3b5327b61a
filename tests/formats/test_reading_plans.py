"""Plans as documents are read back, or refused with all their problems."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import attrs
import jsonschema
import pytest
from hypothesis import given

from backorderkit import FairShare, Fifo, InvalidInputError, InvalidValueError, Snapshot, plan
from backorderkit.checking import PlannedBlocker, check_plan
from backorderkit.formats import dumps_plan, loads_plan, read_plan, schema, write_plan
from backorderkit.testing import snapshots
from tests.formats.sample import Document, full_snapshot

VALIDATOR = jsonschema.Draft202012Validator(schema("plan"))
GOOD: Document = json.loads(dumps_plan(plan(full_snapshot(), policy=Fifo())))


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        loads_plan(text, snapshot=full_snapshot())
    return [str(problem) for problem in caught.value.exceptions]


@given(book=snapshots())
def test_a_plan_is_read_back_as_it_was(book: Snapshot) -> None:
    made = plan(book, policy=FairShare())

    read = loads_plan(dumps_plan(made), snapshot=book)

    assert (read.as_of, read.policy, read.changes) == (made.as_of, made.policy, made.changes)
    said = [
        (line.order, line.line, line.sku, line.allocations, line.promises, line.reason)
        for line in made.lines
    ]
    assert said == [
        (line.order, line.line, line.sku, line.allocations, line.promises, line.reason)
        for line in read.lines
    ]
    for name in ("ordered", "shipped", "cancelled", "allocated", "backordered", "unpromised"):
        assert [getattr(line, name) for line in read.lines] == [
            getattr(line, name) for line in made.lines
        ]
    assert [[(each.kind, each.quantity) for each in line.blockers] for line in read.lines] == [
        [(each.kind, each.quantity) for each in line.blockers] for line in made.lines
    ]
    assert read.line_count == made.totals.lines
    for one, other in zip(read.sums, made.totals.by_unit, strict=True):
        for name in ("unit", "decimals", "ordered", "allocated", "promised", "unpromised"):
            assert getattr(one, name) == getattr(other, name)


def test_a_plan_is_read_from_a_file(tmp_path: object) -> None:
    path = f"{tmp_path}/plan.json"
    made = plan(full_snapshot(), policy=Fifo())
    write_plan(made, path)

    read = read_plan(path, snapshot=full_snapshot())

    assert read == loads_plan(dumps_plan(made).encode(), snapshot=full_snapshot())
    assert check_plan(full_snapshot(), read).holds


def changed(*changes: Callable[[Document], object]) -> str:
    document = copy.deepcopy(GOOD)
    for change in changes:
        change(document)
    return json.dumps(document)


WRONG: list[tuple[Callable[[Document], object], str]] = [
    (lambda d: d.pop("lines"), "plan: lines: got nothing, must be given"),
    (lambda d: d.pop("totals"), "plan: totals: got nothing, must be given"),
    (lambda d: d.update(changes={}), "plan: changes: got {}, must be a list"),
    (lambda d: d.update(format=None), "plan: format: got nothing, must be given"),
    (lambda d: d.update(format=2), "plan: format: got 2, must be 1"),
    (lambda d: d.update(as_of="soon"), "plan: as_of: got 'soon', must be a time"),
    (lambda d: d.update(more=1), "plan: more: got 1, is not a known field (format, as_of,"),
    (lambda d: d["lines"].append(3), "plan: lines[2]: got 3, must be an object"),
    (
        lambda d: d["lines"][0].update(sku="TEA"),
        "plan: lines[0].sku: got 'TEA', must be one of the items",
    ),
    (
        lambda d: d["lines"][0].update(ordered="1.5"),
        "plan: lines[0].ordered: got '1.5', must be a whole number",
    ),
    (
        lambda d: d["lines"][1].update(ordered="1.2505"),
        "plan: lines[1].ordered: got '1.2505', must fit 3 decimals",
    ),
    (
        lambda d: d["lines"][0].update(ordered=-1),
        "plan: lines[0].ordered: got -1, must be >= 0",
    ),
    (
        lambda d: d["lines"][0]["blockers"].append({"kind": "rain", "quantity": 0}),
        "plan: lines[0].blockers[1].kind: got 'rain', must be one of buffer, contract, hold,",
    ),
    (
        lambda d: d["lines"][1]["blockers"].append({"kind": 3, "quantity": 0}),
        "plan: lines[1].blockers[0].kind: got 3, must be a string",
    ),
    (
        lambda d: d["lines"][0]["allocations"][0].update(quantity=0),
        "plan: lines[0].allocations[0].quantity: got 0, must be > 0",
    ),
    (
        lambda d: d["lines"][0].update(promises=[None]),
        "plan: lines[0].promises[0]: got nothing, must be an object",
    ),
    (
        lambda d: d["changes"][0].update(type="sent"),
        "plan: changes[0].type: got 'sent', must be one of allocated, released, backordered,"
        " promised",
    ),
    (lambda d: d["changes"].append("sent"), "must be an object"),
    (lambda d: d["changes"][0].update(order=7), "plan: changes[0].order: got 7, must be a string"),
    (
        lambda d: d["changes"].append(
            {"type": "promised", "order": "SO-1", "line": "2", "promises": [{}]}
        ),
        "promises[0].quantity: got nothing, must be given",
    ),
    (
        lambda d: d["totals"].update(lines="2"),
        "plan: totals.lines: got '2', must be a whole number",
    ),
    (
        lambda d: d["totals"]["by_unit"][1].update(ordered=-1),
        "plan: totals.by_unit[1].ordered: got -1, must be a whole number >= 0",
    ),
    (
        lambda d: d["totals"]["by_unit"][0].update(unit=3),
        "plan: totals.by_unit[0].unit: got 3, must be a string",
    ),
]


@pytest.mark.parametrize(("change", "problem"), WRONG)
def test_what_cannot_be_read_is_named(change: Callable[[Document], object], problem: str) -> None:
    found = problems(changed(change))

    assert any(problem in each for each in found), found


def test_a_schema_refuses_what_it_can_see_of_that() -> None:
    seen = [change for change, _ in WRONG if not VALIDATOR.is_valid(json.loads(changed(change)))]

    # What depends on the items, or must be more than 0, is beyond it.
    assert len(WRONG) - len(seen) == 4


def test_all_problems_are_told_at_once() -> None:
    found = problems(
        changed(
            lambda d: d.update(as_of="soon", policy=3),
            lambda d: d["lines"][0].update(ordered=-1, shipped="x", reason=None),
            lambda d: d["lines"][1]["allocations"][0].pop("quantity"),
            lambda d: d["changes"][0].update(order=""),
            lambda d: d["totals"].pop("by_unit"),
        )
    )

    assert [problem.split(": ")[1] for problem in found] == [
        *("as_of", "policy", "lines[0].shipped", "lines[0].reason"),
        *("lines[1].allocations[0].quantity", "changes[0].order", "totals.by_unit"),
    ]


def test_a_key_that_stands_twice_is_a_problem() -> None:
    text = changed().replace('"policy"', '"policy": "x", "policy"', 1)

    assert problems(text) == ["plan: policy: got 'policy', must not stand there twice"]


@pytest.mark.parametrize("text", ["[]", "3", '"x"', "null"])
def test_a_document_is_an_object(text: str) -> None:
    (problem,) = problems(text)

    assert problem.endswith("must be an object")


@pytest.mark.parametrize("text", ["", "{", b"\xff"])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    assert len(problems(text)) == 1


def test_a_line_that_is_gone_is_read_in_any_unit() -> None:
    gone = {"type": "backordered", "order": "SO-0", "line": "1", "quantity": 0}

    read = loads_plan(changed(lambda d: d["changes"].append(gone)), snapshot=full_snapshot())

    assert read.changes[-1].order == "SO-0"


def test_the_values_refuse_what_their_meaning_forbids() -> None:
    read = loads_plan(changed(), snapshot=full_snapshot())

    with pytest.raises(InvalidValueError, match="promises: got 3, must be a tuple"):
        attrs.evolve(read.lines[0], promises=3)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"blockers\[0\]: got 3, must be of its kind"):
        attrs.evolve(read.lines[0], blockers=(3,))  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="quantity: got -1"):
        PlannedBlocker(kind="stock", quantity=-1)
    with pytest.raises(InvalidValueError, match="decimals: got 10"):
        attrs.evolve(read.sums[0], decimals=10)
    with pytest.raises(InvalidValueError, match="line_count: got nothing"):
        attrs.evolve(read, line_count=None)  # type: ignore[arg-type]


def test_the_checker_takes_a_snapshot_and_a_plan_document() -> None:
    read = loads_plan(changed(), snapshot=full_snapshot())

    with pytest.raises(InvalidValueError, match="snapshot: got 3, must be a Snapshot"):
        check_plan(3, read)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"document: got \{\}, must be a PlanDocument"):
        check_plan(full_snapshot(), {})  # type: ignore[arg-type]
