"""Protections, ranked parts and buffers as values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    Buffer,
    InvalidValueError,
    Location,
    Protection,
    RankedPart,
    Sku,
    split_by_rank,
)
from backorderkit.policies import withheld

MUG, MAIN = Sku("MUG"), Location("MAIN")


def protection(**changed: object) -> Protection:
    fields: dict[str, Any] = {"name": "vip", "group": {"customer": ["A"]}, "quantity": 5}
    return Protection(**{**fields, **changed})


def buffer(**changed: object) -> Buffer:
    fields: dict[str, Any] = {"name": "counts", "percent": 10}
    return Buffer(**{**fields, **changed})


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"name": ""}, "name", "must be a non-empty string"),
        ({"group": {}}, "group", "must name one attribute at least"),
        ({"group": {"colour": ["red"]}}, "group", "must be by channel, "),
        ({"group": {"customer": []}}, "group", "must hold one value at least"),
        ({"group": {"customer": [5]}}, "group", "must be a string for customer"),
        ({"group": {"priority": ["1"]}}, "group", "must be a whole number for priority"),
        ({"group": {"customer": "ACME"}}, "group", "must be a list of values"),
        ({"group": {"customer": 5}}, "group", "must be an iterable"),
        ({"group": ["customer"]}, "group", "must be a mapping"),
        ({"quantity": -1}, "quantity", "must be >= 0"),
        ({"quantity": 1.0}, "quantity", "must be a whole number"),
        ({"rank": 0}, "rank", "must be > 0"),
        ({"family": None}, "family", "must be a string"),
        ({"from_day": "2026-01-05"}, "from_day", "must be a date"),
        ({"until": datetime(2026, 1, 5, tzinfo=UTC)}, "until", "must be a date"),
        (
            {"from_day": date(2026, 1, 6), "until": date(2026, 1, 5)},
            "until",
            "must be >= from_day",
        ),
        ({"skus": []}, "skus", "must name one at least, or be None for all"),
        ({"used": -1}, "used", "must be >= 0"),
        ({"own": "all"}, "own", "must be one of none, restricted"),
    ],
)
def test_what_a_protection_refuses(changed: dict[str, object], field: str, reason: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        protection(**changed)

    (found,) = caught.value.problems
    assert found.field == field
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"name": ""}, "name", "must be a non-empty string"),
        ({"percent": 101}, "percent", "must be >= 0 and <= 100"),
        ({"percent": Fraction(-1, 2)}, "percent", "must be >= 0 and <= 100"),
        ({"percent": 0.1}, "percent", "must be a whole number, a Decimal or a Fraction"),
        ({"percent": True}, "percent", "must be a whole number, a Decimal or a Fraction"),
        ({"percent": Decimal("NaN")}, "percent", "must be a finite Decimal of sane size"),
        ({"percent": Decimal("1e-999999999")}, "percent", "must be a finite Decimal of sane size"),
        ({"of": "orders"}, "of", "must be one of on-hand, receipts, both"),
        ({"skus": []}, "skus", "must name one at least"),
        ({"locations": [""]}, "locations", "must be a non-empty string"),
        ({"locations": "MAIN"}, "locations", "must be a list of names"),
        ({"locations": [5]}, "locations", "must be a non-empty string"),
    ],
)
def test_what_a_buffer_refuses(changed: dict[str, object], field: str, reason: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        buffer(**changed)

    (found,) = caught.value.problems
    assert found.field == field
    assert found.reason.startswith(reason)


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(InvalidValueError) as caught:
        protection(name="", quantity=-1, rank=0, group={"customer": [], "size": [1]})
    with pytest.raises(InvalidValueError) as of_buffer:
        buffer(name="", percent=101, of="all", skus=[])

    assert [each.path for each in caught.value.problems] == [
        "name",
        "group['customer']",
        "group['size']",
        "quantity",
        "rank",
    ]
    assert [each.field for each in of_buffer.value.problems] == ["name", "percent", "of", "skus"]


def test_protections_and_buffers_are_values() -> None:
    assert protection(group={"customer": ["B", "A"]}) == protection(group={"customer": {"A", "B"}})
    assert hash(protection()) == hash(protection())
    assert hash(buffer(percent=Fraction(10))) == hash(buffer())


@given(
    percent=st.integers(0, 100) | st.fractions(0, 100),
    quantity=st.integers(0, 10**20),
)
def test_a_buffer_is_the_least_that_is_no_less_than_its_part(
    percent: int | Fraction, quantity: int
) -> None:
    units = withheld([buffer(percent=percent)], MUG, MAIN, quantity, "on-hand")

    assert 0 <= units <= quantity
    assert units - 1 < Fraction(percent) / 100 * quantity <= units


def test_the_buffer_that_says_most_counts() -> None:
    all_of_them = [
        buffer(percent=1),
        buffer(percent=2, locations=[MAIN]),
        buffer(percent=3, skus=[MUG]),
        buffer(percent=4, skus=[MUG], locations=[MAIN]),
        buffer(percent=99, skus=[Sku("BOWL")], locations=[MAIN]),
        buffer(percent=50, skus=[MUG], locations=[MAIN]),
    ]

    for buffers in (all_of_them[:kinds] for kinds in range(5)):
        assert withheld(buffers, MUG, MAIN, 100, "on-hand") == len(buffers)
        assert withheld(buffers[::-1], MUG, MAIN, 100, "on-hand") == len(buffers)
    assert withheld(all_of_them, MUG, MAIN, 100, "on-hand") == 4
    assert withheld(all_of_them, MUG, Location("WEST"), 100, "on-hand") == 3
    assert withheld(all_of_them, Sku("BOWL"), Location("WEST"), 100, "on-hand") == 1


def test_a_buffer_is_of_what_it_says() -> None:
    kinds = [buffer(percent=1), buffer(percent=2, of="receipts"), buffer(percent=3, of="both")]

    found = [
        [withheld([each], MUG, MAIN, 100, "on-hand"), withheld([each], MUG, MAIN, 100, "receipts")]
        for each in kinds
    ]

    assert found == [[1, 0], [0, 2], [3, 3]]


def test_nothing_is_withheld_of_what_is_not_there() -> None:
    assert withheld([buffer()], MUG, MAIN, 0, "on-hand") == 0
    assert withheld([], MUG, MAIN, 100, "on-hand") == 0
    assert buffer().units(-5) == 0


parts = st.lists(
    st.builds(
        RankedPart,
        percent=st.integers(0, 100) | st.fractions(0, 100),
        minimum=st.integers(0, 50),
    ),
    max_size=5,
)


@given(parts=parts, supply=st.integers(0, 200))
def test_no_part_is_cut_while_a_lower_rank_has_one(parts: list[RankedPart], supply: int) -> None:
    shares = split_by_rank(supply, parts)

    assert sum(shares) <= supply
    wanted = [max(part.minimum, int(Fraction(part.percent) * supply / 100)) for part in parts]
    cut = [place for place, share in enumerate(shares) if share < wanted[place]]
    assert all(share <= want for share, want in zip(shares, wanted, strict=True))
    if cut:
        assert sum(shares) == supply
        assert not any(shares[cut[0] + 1 :])


def test_splitting_refuses_what_is_no_part() -> None:
    bad: Any = [40]
    with pytest.raises(InvalidValueError) as caught:
        split_by_rank(-1, bad)
    with pytest.raises(InvalidValueError) as of_part:
        RankedPart(percent=101, minimum=-1)

    assert [each.path for each in caught.value.problems] == ["supply", "parts[0]"]
    assert [each.field for each in of_part.value.problems] == ["percent", "minimum"]
