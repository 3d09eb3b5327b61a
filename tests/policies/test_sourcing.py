"""Single questions to the built-in placings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    FewestShipments,
    FullestFirst,
    InLocationOrder,
    InvalidValueError,
    NearestByCost,
    Order,
    OrderLine,
    Placing,
    PolicyViolationError,
    ToPlace,
)
from backorderkit.model import Location
from backorderkit.policies import Split
from tests.laws.policies import examples


def placed(
    placing: Placing, supply: Mapping[str, int], *lines: ToPlace
) -> list[Mapping[Location, int]]:
    there = {Location(name): units for name, units in supply.items()}
    return list(placing.place(there, lines))


def by_name(order: Order, line: OrderLine, location: Location) -> int:
    return {"A": 30, "B": 10, "C": 20}[location] + 0 * (len(order.id) + len(line.id))


CASES: list[tuple[Placing, dict[str, int], int, dict[str, int]]] = [
    (InLocationOrder(), {"A": 2, "B": 3, "C": 9}, 4, {"A": 2, "B": 2}),
    (InLocationOrder(split="avoid"), {"A": 2, "B": 3, "C": 9}, 4, {"C": 4}),
    (InLocationOrder(split="avoid"), {"A": 2, "B": 3, "C": 4}, 5, {"A": 2, "B": 3}),
    (InLocationOrder(split="never"), {"A": 2, "B": 4, "C": 4}, 5, {"B": 4}),
    (InLocationOrder(["C"]), {"A": 2, "B": 3, "C": 1}, 4, {"C": 1, "A": 2, "B": 1}),
    (InLocationOrder(["C", "Z"], split="never"), {"A": 4, "B": 3, "C": 4}, 5, {"C": 4}),
    (FewestShipments(), {"A": 9, "B": 4, "C": 5}, 4, {"B": 4}),
    (FewestShipments(), {"A": 4, "B": 2, "C": 5}, 7, {"C": 5, "B": 2}),
    (FewestShipments(), {"A": 4, "B": 2, "C": 5}, 10, {"C": 5, "A": 4, "B": 1}),
    (FewestShipments(split="never"), {"A": 4, "B": 2, "C": 5}, 7, {"C": 5}),
    (FewestShipments(split="never"), {"A": 4, "B": 3, "C": 5}, 3, {"B": 3}),
    (NearestByCost(by_name), {"A": 2, "B": 3, "C": 9}, 4, {"B": 3, "C": 1}),
    (NearestByCost(by_name, split="avoid"), {"A": 4, "B": 3, "C": 9}, 4, {"C": 4}),
    (NearestByCost(by_name, split="never"), {"A": 5, "B": 3, "C": 4}, 6, {"A": 5}),
    (NearestByCost(lambda *_: 1), {"A": 2, "B": 3}, 3, {"A": 2, "B": 1}),
    (FullestFirst(), {"A": 2, "B": 3, "C": 9}, 10, {"C": 9, "B": 1}),
    (FullestFirst(), {"A": 3, "B": 3}, 4, {"A": 3, "B": 1}),
    (FullestFirst(split="never"), {"A": 3, "B": 3}, 4, {"A": 3}),
]


@pytest.mark.parametrize(("placing", "supply", "share", "expected"), CASES)
def test_one_line_alone(
    placing: Placing, supply: dict[str, int], share: int, expected: dict[str, int]
) -> None:
    assert placed(placing, supply, ToPlace.of("SO-1", share)) == [expected]


@pytest.mark.parametrize(
    "placing",
    [FewestShipments(), InLocationOrder(split="avoid"), FullestFirst(split="avoid")],
    ids=lambda each: each.name,
)
def test_a_line_stays_where_it_has_units_already_if_that_saves_a_shipment(
    placing: Placing,
) -> None:
    line = ToPlace.of("SO-1", 3, held={"B": 1})

    assert placed(placing, {"A": 9, "B": 4, "C": 3}, line) == [{"B": 3}]


def test_a_line_goes_where_another_one_of_its_order_goes() -> None:
    order = Order.of("SO-1", "2026-01-02", {"MUG": 3, "CUP": 2})
    first, second = (ToPlace(order=order, line=line, share=line.ordered) for line in order.lines)
    other = ToPlace.of("SO-2", 2)

    # Alone the second would go where the least is: to C.
    answers = placed(FewestShipments(), {"A": 3, "B": 9, "C": 2}, other, second, first)
    assert answers == [{"C": 2}, {"A": 2}, {"B": 3}]
    together = placed(FewestShipments(), {"A": 6, "B": 9, "C": 2}, first, second)
    assert together == [{"A": 3}, {"A": 2}]
    elsewhere = attrs.evolve(second, used=frozenset({Location("B")}))
    assert placed(FewestShipments(), {"A": 6, "B": 9, "C": 2}, elsewhere) == [{"B": 2}]


def test_what_is_held_in_several_places_is_used_before_a_new_one() -> None:
    line = ToPlace.of("SO-1", 5, held={"A": 1, "B": 1})

    assert placed(FewestShipments(), {"A": 2, "B": 3, "C": 9}, line) == [{"B": 3, "A": 2}]


def test_bound_lines_take_first_since_they_have_no_choice() -> None:
    free, bound = ToPlace.of("SO-1", 3), ToPlace.of("SO-2", 2, site="A")

    answers = placed(InLocationOrder(), {"A": 3, "B": 2}, free, bound)

    assert answers == [{"A": 1, "B": 2}, {"A": 2}]


def subsets(names: set[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(names) + 1):
        yield from combinations(sorted(names), size)


@given(
    supply=st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 9), min_size=1),
    held=st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 9), max_size=2),
    data=st.data(),
)
@examples(200)
def test_fewest_shipments_is_exact_for_a_line_alone(
    supply: dict[str, int], held: dict[str, int], data: st.DataObject
) -> None:
    """Any set of locations is tried: no one that does has fewer new ones."""
    share = data.draw(st.integers(1, sum(supply.values())))

    (answer,) = placed(FewestShipments(), supply, ToPlace.of("SO-1", share, held=held))

    least = min(
        len(set(chosen) - set(held))
        for chosen in subsets(set(supply))
        if sum(supply[name] for name in chosen) >= share
    )
    assert len(set(answer) - set(held)) == least


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: InLocationOrder("EAST"), "locations"),
    (lambda: InLocationOrder(["EAST", "EAST"]), "once"),
    (lambda: InLocationOrder([""]), "non-empty"),
    (lambda: InLocationOrder(5), "iterable"),  # type: ignore[arg-type]
    (lambda: InLocationOrder(split="maybe"), "split"),  # type: ignore[arg-type]
    (lambda: FewestShipments(split=True), "split"),  # type: ignore[arg-type]
    (lambda: FullestFirst(split=None), "split"),  # type: ignore[arg-type]
    (lambda: NearestByCost(5), "cost"),  # type: ignore[arg-type]
    (lambda: NearestByCost(int, split="allowed"), "cost"),  # type: ignore[arg-type]
    (lambda: NearestByCost(by_name, split=""), "split"),  # type: ignore[arg-type]
    (lambda: ToPlace.of("SO-1", 0), "share"),
    (lambda: ToPlace.of("", 1), "id"),
]


@pytest.mark.parametrize(("make", "what"), WRONG)
def test_what_makes_no_sense_is_refused(make: Callable[[], object], what: str) -> None:
    with pytest.raises(InvalidValueError, match=what):
        make()


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(InvalidValueError) as caught:
        InLocationOrder(["EAST", "EAST", ""], split="maybe")  # type: ignore[arg-type]

    assert [problem.field for problem in caught.value.problems] == [
        "locations",
        "locations",
        "split",
    ]


@pytest.mark.parametrize("cost", [1.5, True, None, "1"])
def test_a_cost_that_is_no_whole_number_is_refused(cost: object) -> None:
    nearest = NearestByCost(lambda *_: cost)  # type: ignore[arg-type]

    with pytest.raises(PolicyViolationError, match="the cost of order SO-1, line 1 from A is"):
        placed(nearest, {"A": 1}, ToPlace.of("SO-1", 1))


@pytest.mark.parametrize(
    ("split", "name"),
    [
        ("allowed", "fullest-first"),
        ("avoid", "fullest-first, splits avoided"),
        ("never", "fullest-first, unsplit"),
    ],
)
def test_names_say_whether_lines_are_split(split: Split, name: str) -> None:
    assert FullestFirst(split=split).name == name
