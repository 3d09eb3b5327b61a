"""Certificates: digests that tell another input, configuration or output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import jsonschema
import pytest
from hypothesis import given

from backorderkit import FairShare, Fifo, InvalidInputError, InvalidValueError, Snapshot, plan
from backorderkit.formats import (
    Certificate,
    RunSetup,
    certificate,
    check_certificate,
    dumps_certificate,
    dumps_plan,
    dumps_snapshot,
    loads_certificate,
    loads_configuration,
    loads_snapshot,
    loads_snapshot_csv,
    read_certificate,
    schema,
    write_certificate,
)
from backorderkit.testing import snapshots
from tests.formats.sample import full_csv, full_snapshot

CONFIGURATION = RunSetup(policy="fifo", rule="x", options={"b": "\u20ac", "a": ""})


def certified(book: Snapshot) -> Certificate:
    return certificate(book, CONFIGURATION, plan(book, policy=Fifo()))


@given(book=snapshots())
def test_a_certificate_is_read_back_and_fits(book: Snapshot) -> None:
    made = certified(book)
    text = dumps_certificate(made)

    assert loads_certificate(text) == made
    jsonschema.validate(json.loads(text), schema("certificate"))
    written = dumps_plan(plan(book, policy=Fifo()))
    assert list(check_certificate(made, snapshot=book, plan=written.encode())) == []


@given(one=snapshots(), other=snapshots())
def test_two_books_have_one_digest_only_if_they_are_equal(one: Snapshot, other: Snapshot) -> None:
    # Prices keep their digits, so equal books may be written in two ways.
    same = dumps_snapshot(one) == dumps_snapshot(other)

    assert (certified(one).input_digest == certified(other).input_digest) is same


def test_json_and_csv_of_the_same_content_have_one_digest() -> None:
    book = full_snapshot()
    from_csv = loads_snapshot_csv(full_csv(), as_of=book.as_of)
    from_json = loads_snapshot(json.dumps(json.loads(dumps_snapshot(book)), indent=3))

    assert certified(from_csv) == certified(from_json) == certified(book)


def test_a_plan_of_another_policy_is_not_certified() -> None:
    made = plan(full_snapshot(), policy=FairShare())

    with pytest.raises(InvalidValueError, match="must be that of the plan, fair-share"):
        certificate(full_snapshot(), CONFIGURATION, made)


def test_a_certificate_is_written_to_a_file(tmp_path: Path) -> None:
    made = certified(full_snapshot())

    write_certificate(made, tmp_path / "c.json")

    assert read_certificate(tmp_path / "c.json") == made


def test_options_are_kept_sorted_whatever_they_are_given_as() -> None:
    pairs = RunSetup(policy="fifo", rule="x", options=(("b", "\u20ac"), ("a", "")))

    assert pairs == CONFIGURATION
    assert pairs.options == (("a", ""), ("b", "\u20ac"))


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"policy": None}, "policy: got nothing, must be a string"),
        ({"rule": ""}, "rule: got '', must be a non-empty string"),
        ({"options": {"a": 3}}, "options.a: got 3, must be a string"),
        ({"options": {"": "x"}}, "options: got '', must be a non-empty string"),
        ({"options": [3]}, "options: got nothing, must be a non-empty string"),
        ({"options": 3}, "options: got 3, must be an iterable"),
        ({"options": (("a", "x"), ("a", "y"))}, "options: got 'a', must stand there once"),
        ({"version": ""}, "version: got '', must be a non-empty string"),
        ({"format": 0}, "format: got 0, must be > 0"),
    ],
)
def test_a_configuration_refuses_what_it_cannot_mean(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        attrs.evolve(CONFIGURATION, **values)

    assert str(caught.value) == problem


def test_a_certificate_names_the_configuration_file() -> None:
    book = full_snapshot()
    rules = loads_configuration('policy = "fifo"')
    other = loads_configuration('policy = "fifo"\nsplit = "avoid"')
    made = certificate(book, CONFIGURATION, plan(book, policy=Fifo()), rules=rules)
    text = dumps_certificate(made)
    said = dumps_plan(plan(book, policy=Fifo()))

    assert loads_certificate(text) == made
    assert made.rules_digest == rules.digest
    jsonschema.validate(json.loads(text), schema("certificate"))
    assert list(check_certificate(made, snapshot=book, plan=said, rules=rules)) == []
    for instead in (other, None):
        (found,) = check_certificate(made, snapshot=book, plan=said, rules=instead)
        assert found.number == "K4"
    (found,) = check_certificate(certified(book), snapshot=book, plan=said, rules=rules)
    assert str(found) == (
        "K4 rules: certificate: it says no configuration file, found " + rules.digest
    )


def test_a_certificate_refuses_what_is_no_digest() -> None:
    made = certified(full_snapshot())

    with pytest.raises(InvalidValueError, match="output_digest: got 'x', must be sha256: and 64"):
        attrs.evolve(made, output_digest="x")
    with pytest.raises(InvalidValueError, match="configuration: got 3, must be a RunSetup"):
        attrs.evolve(made, configuration=3)  # type: ignore[arg-type]


GOOD = json.loads(dumps_certificate(certified(full_snapshot())))


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        ({}, ["format", "configuration", "digests"]),
        ({**GOOD, "format": 2}, ["format"]),
        ({**GOOD, "more": 2}, ["more"]),
        ({**GOOD, "digests": {"input": 3}}, [f"digests.{each}" for each in GOOD["digests"]]),
        ({**GOOD, "digests": {**GOOD["digests"], "input": "x"}}, ["digests.input"]),
        ({**GOOD, "digests": {**GOOD["digests"], "rules": "x"}}, ["digests.rules"]),
        ({**GOOD, "digests": {**GOOD["digests"], "rules": None}}, ["digests.rules"]),
        (
            {**GOOD, "configuration": {**GOOD["configuration"], "options": {"a": 3}}},
            ["configuration.options.a"],
        ),
        ({**GOOD, "configuration": 3}, ["configuration"]),
    ],
)
def test_what_cannot_be_read_is_named(document: object, problems: list[str]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        loads_certificate(json.dumps(document))

    found = [str(each).partition(": got ")[0] for each in caught.value.exceptions]
    assert found == [f"certificate: {problem}" for problem in problems]
    assert not jsonschema.Draft202012Validator(schema("certificate")).is_valid(document)
