"""The schema of a snapshot and its reader agree on every value of every field."""

from __future__ import annotations

import copy
import json
import re

import jsonschema
import pytest

from backorderkit import InvalidInputError
from backorderkit.formats import loads_snapshot, schema
from backorderkit.formats.fields import CHILDREN, SECTIONS
from tests.formats.sample import FULL, Document

VALIDATOR = jsonschema.Draft202012Validator(schema("snapshot"))

NUMBERS = (0, 1, -1, 9, 10, 2**62, 2**63 - 1, 2**63, -(2**63), 1.0, 0.5, -0.0, 1e300, 10**41)
WORDS = ("", "x", "allow", "deny", "MUG", "\u00e9", "a\nb", "1e3", "0x1", "NaN", "Infinity")
DECIMALS = (
    *("0", "-0", "1", "+1", "-1", "007", "1.50", "0.000", "1.", ".5", " 1", "1\n", "1_0", "\uff11"),
    *("0.5", "9" * 19, "9" * 40, "9" * 41, "9" * 61, "1.0000000000", "0.0000000001"),
)
DATES = ("2026-01-05", "2024-02-29", "2026-01-05\n", "2026-13-01", "2026-00-01", "2026-01-32")
TIMES = (
    *("T09:00:00Z", "T09:00Z", "T09:00:00", "T09Z", "T24:00:00Z", "T09:60:00Z", "T09:00:60Z"),
    *("T09:00:00.5Z", "T09:00:00.1234567Z", "T09:00:00+23:59", "T09:00:00+24:00", "T09:00:00z"),
    *("T09:00:00+01:60", "T09:00:00+0100", " 09:00:00Z"),
)
OTHERS: tuple[object, ...] = (None, True, [], {}, [1])
VALUES = (*NUMBERS, *WORDS, *DECIMALS, *DATES, *(f"2026-01-05{time}" for time in TIMES), *OTHERS)

# What a schema cannot say: how a value fits the others, the decimals of its
# item, the days of a month.
BEYOND = re.compile(
    "must be (one of the items|unique|>= shipped|<= that of|the line's own|given|< 2)"
    "|must be a whole number$|must (name|fit) "
)

RECORDS = [
    *((section, None, record) for section, record in SECTIONS.items()),
    *((section, child, record) for section, (child, record) in CHILDREN.items()),
]


def spot(document: Document, section: str, child: str | None) -> Document:
    record: Document = document[section][0]
    if child is not None:
        record = record[child][0]
    return record


@pytest.mark.parametrize(
    ("section", "child", "field"),
    [(section, child, field) for section, child, record in RECORDS for field in record],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_value_is_valid_if_and_only_if_it_can_be_read(
    section: str, child: str | None, field: object
) -> None:
    name = getattr(field, "name", "")
    for value in VALUES:
        document = copy.deepcopy(FULL)
        spot(document, section, child)[name] = value
        text = json.dumps(document)
        reasons = [] if VALIDATOR.is_valid(json.loads(text)) else ["the schema refuses it"]
        try:
            loads_snapshot(text)
            read = []
        except InvalidInputError as error:
            read = [problem.reason for problem in error.exceptions]  # type: ignore[union-attr]

        refused = [reason for reason in read if not BEYOND.match(reason)]
        if reasons:
            assert read, (value, "the reader accepts what the schema refuses")
        else:
            assert not refused, (value, refused)


def test_times_that_only_a_calendar_refuses_are_refused_by_the_reader() -> None:
    for time in ("2026-02-29", "2026-04-31", "0000-01-01", "0001-01-01T00:00:00+01:00"):
        document = {**FULL, "as_of": time}

        assert VALIDATOR.is_valid(document)
        with pytest.raises(InvalidInputError):
            loads_snapshot(json.dumps(document))
