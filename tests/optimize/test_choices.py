"""Examples of choices, what is refused, and published instances."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from ortools.sat.python import cp_model

from backorderkit import (
    Allocation,
    AllocationPolicy,
    FairShare,
    Fifo,
    InvalidValueError,
    Item,
    KeepPromises,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    PolicyViolationError,
    Priority,
    Ranked,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.optimize import Choice, choose_orders, take_in_order
from backorderkit.optimize.solving import SOLVER

from .reference import missing_of


def book(stock: dict[str, int], *wants: dict[str, int]) -> Snapshot:
    """Orders A, B, C, ... placed at one moment."""
    orders = [Order.of(chr(ord("A") + n), "2026-01-02", lines) for n, lines in enumerate(wants)]
    return Snapshot.of(as_of="2026-01-05", stock=stock, orders=orders)


def priced(snapshot: Snapshot, prices: list[str | None], currencies: str = "") -> Snapshot:
    """Give each order's lines a price, and a currency by its first letter: E or U."""
    names = {"E": "EUR", "U": "USD"}
    orders = [
        attrs.evolve(
            order,
            lines=[
                attrs.evolve(
                    line,
                    unit_price=None if price is None else Decimal(price),
                    currency=None if price is None else names[currency],
                )
                for line in order.lines
            ],
        )
        for order, price, currency in zip(
            snapshot.orders, prices, currencies or "E" * len(prices), strict=True
        )
    ]
    return attrs.evolve(snapshot, orders=orders)


def test_two_small_orders_go_before_one_that_takes_all() -> None:
    shop = book({"MUG": 3, "BOWL": 3}, {"MUG": 3, "BOWL": 3}, {"MUG": 2}, {"BOWL": 2})

    choice = choose_orders(shop, maximise="orders")
    queue = take_in_order(shop, maximise="orders")

    both = (OrderId("B"), OrderId("C"))
    assert choice == Choice(orders=both, value=2, bound=2, is_settled=True, by=SOLVER)
    assert (queue.orders, queue.value, queue.bound) == (("A",), 1, 2)
    assert queue.gap == Fraction(1, 2)
    assert queue.by == "queue order"


def test_what_an_order_holds_already_it_keeps_and_only_the_rest_is_needed() -> None:
    held = Allocation(order=OrderId("B"), line=LineId("1"), location=Location("MAIN"), quantity=4)
    shop = attrs.evolve(book({"MUG": 6}, {"MUG": 3}, {"MUG": 6}), allocations=[held])

    choice = choose_orders(shop, maximise="units")

    # Two are free: too few for A, and all that B lacks.
    assert (choice.orders, choice.value) == (("B",), 6)


def test_an_order_that_lacks_nothing_does_not_count() -> None:
    held = Allocation(order=OrderId("A"), line=LineId("1"), location=Location("MAIN"), quantity=3)
    shop = attrs.evolve(book({"MUG": 3}, {"MUG": 3}), allocations=[held])

    assert choose_orders(shop, maximise="orders").orders == ()


def test_nothing_to_choose_is_an_empty_choice() -> None:
    nothing = choose_orders(book({"MUG": 3}), maximise="value")

    assert (nothing.orders, nothing.value, nothing.currency) == ((), 0, None)
    assert nothing.is_optimal
    assert nothing.gap == 0


def test_bound_lines_have_their_place_and_free_ones_the_rest() -> None:
    def at(place: str | None, units: int) -> OrderLine:
        location = None if place is None else Location(place)
        return OrderLine(id=LineId("1"), sku=Sku("MUG"), ordered=units, location=location)

    shop = Snapshot.of(
        as_of="2026-01-05",
        stock={("MUG", "EAST"): 3, ("MUG", "WEST"): 3},
        orders=[
            Order.of("A", "2026-01-01", [at("EAST", 4)]),
            Order.of("B", "2026-01-02", [at(None, 4)]),
            Order.of("C", "2026-01-03", [at("EAST", 2)]),
            Order.of("D", "2026-01-04", [at("WEST", 2)]),
        ],
    )

    by_count = choose_orders(shop, maximise="orders")
    by_units = choose_orders(shop, maximise="units")

    assert by_count.orders == ("B", "C")
    assert by_units.orders == ("B", "C")
    after = plan(shop, policy=by_units.policy()).outcome
    assert not any(missing_of(after, order) for order in after.orders if order.id in "BC")


def test_the_value_is_exact_and_of_one_currency() -> None:
    shop = priced(book({"MUG": 3}, {"MUG": 3}, {"MUG": 2}, {"MUG": 1}), ["0.10", "0.1", "0.101"])

    choice = choose_orders(shop, maximise="value")

    assert choice.orders == ("B", "C")
    assert choice.value == Decimal("0.301")
    assert choice.currency == "EUR"


def test_the_value_of_what_is_counted_in_parts_is_that_of_whole_units() -> None:
    flour = Item(sku=Sku("FLOUR"), unit="kg", decimals=3)
    shop = priced(book({"FLOUR": 2500}, {"FLOUR": 2500}), ["2"])

    assert choose_orders(attrs.evolve(shop, items=[flour]), maximise="value").value == 5


def test_an_order_that_cannot_be_completed_needs_no_price() -> None:
    shop = priced(book({"MUG": 3}, {"MUG": 4}, {"MUG": 2}), [None, "1"])

    assert choose_orders(shop, maximise="value").orders == ("B",)


def test_every_line_without_a_price_is_named_and_every_currency() -> None:
    shop = priced(
        book({"MUG": 3}, {"MUG": 1}, {"MUG": 2}, {"MUG": 3}, {"MUG": 3}),
        [None, None, "1", "2"],
        "EEEU",
    )

    with pytest.raises(InvalidValueError) as caught:
        choose_orders(shop, maximise="value")

    assert [each.path for each in caught.value.problems] == [
        "orders['A'].lines['1'].unit_price",
        "orders['B'].lines['1'].unit_price",
        "currency",
    ]
    assert caught.value.problems[-1].value == "EUR, USD"


def test_units_of_two_measures_are_not_added_up() -> None:
    items = [Item(sku=Sku("FLOUR"), unit="kg", decimals=3), Item(sku=Sku("MUG"))]
    shop = attrs.evolve(book({"FLOUR": 1, "MUG": 1}, {"FLOUR": 1}, {"MUG": 1}), items=items)

    with pytest.raises(InvalidValueError, match=r"kg \(3 decimals\), pcs \(0 decimals\)"):
        choose_orders(shop, maximise="units")
    assert choose_orders(shop, maximise="orders").value == 2


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        pytest.param({"maximise": "profit"}, ["maximise"], id="what"),
        pytest.param({"effort": 0}, ["effort"], id="no effort"),
        pytest.param({"effort": 1.5}, ["effort"], id="half an effort"),
        pytest.param({"weights": 3}, ["weights"], id="a weight"),
        pytest.param({"weights": int}, ["weights"], id="a class"),
        pytest.param({"maximise": "units", "weights": len}, ["weights"], id="weights of units"),
        pytest.param(
            {"maximise": 1, "effort": None, "weights": 3},
            ["maximise", "effort", "weights"],
            id="all at once",
        ),
        pytest.param({"skus": "MUG"}, ["skus"], id="one SKU"),
    ],
)
def test_what_is_no_question_is_refused(asked: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(InvalidValueError) as caught:
        choose_orders(book({"MUG": 1}, {"MUG": 1}), **{"maximise": "orders", **asked})

    assert [each.field for each in caught.value.problems] == fields


def test_what_is_no_snapshot_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="must be a Snapshot"):
        take_in_order("shop", maximise="orders")  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("weight", [-1, 1.0, True, None, 2**63])
def test_a_weight_is_a_whole_number(weight: int) -> None:
    with pytest.raises(PolicyViolationError, match="order A") as caught:
        choose_orders(book({"MUG": 1}, {"MUG": 1}), maximise="orders", weights=lambda order: weight)

    assert caught.value.clause == "weight"


def test_large_numbers_are_exact() -> None:
    half = 2**57
    shop = book({"MUG": 2 * half}, {"MUG": half + 1}, {"MUG": half}, {"MUG": half})

    choice = choose_orders(shop, maximise="units")

    assert (choice.orders, choice.value) == (("B", "C"), 2 * half)


def test_numbers_too_large_for_the_solver_are_refused() -> None:
    shop = book({"MUG": 2**60}, {"MUG": 2**59}, {"MUG": 2**59}, {"MUG": 1})

    with pytest.raises(InvalidValueError, match=r"must be < 2\*\*60 for SKU MUG"):
        choose_orders(shop, maximise="orders")
    small = book({"MUG": 1}, {"MUG": 1}, {"MUG": 1})
    with pytest.raises(InvalidValueError, match=r"must be < 2\*\*60 in steps"):
        choose_orders(small, maximise="orders", weights=lambda order: 2**59)
    # The queue adds up what the solver cannot.
    assert take_in_order(shop, maximise="orders").orders == ("A", "B")


def test_an_answer_of_the_solver_that_does_not_fit_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cp_model.CpSolver, "boolean_value", lambda solver, take: True)

    with pytest.raises(PolicyViolationError, match="more than there is of MUG") as caught:
        choose_orders(book({"MUG": 3}, {"MUG": 3}, {"MUG": 2}, {"MUG": 1}), maximise="orders")

    assert (caught.value.policy, caught.value.clause) == (SOLVER, "stock")


def test_the_policy_serves_the_chosen_first_and_the_others_from_the_rest() -> None:
    shop = book({"MUG": 5}, {"MUG": 6}, {"MUG": 4}, {"MUG": 6})
    choice = choose_orders(shop, maximise="orders")

    made = plan(shop, policy=choice.policy())

    assert choice.orders == ("B",)
    assert [line.allocated for line in made.lines] == [1, 4, 0]
    assert made.policy == "chosen orders first, fifo within"
    assert choice.policy(FairShare()).name == "chosen orders first, fair-share within"


def test_the_rank_goes_into_keys_of_ones_own() -> None:
    shop = book({"MUG": 5}, {"MUG": 6}, {"MUG": 4})
    choice = choose_orders(shop, maximise="orders")

    made = plan(shop, policy=Ranked(key=lambda demand: (choice.rank(demand), demand.priority)))

    assert [line.allocated for line in made.lines] == [1, 4]


@pytest.mark.parametrize(
    "within", [Priority(incomplete="stop"), KeepPromises(Fifo()), Fifo, None], ids=str
)
def test_within_a_choice_nothing_is_held_back(within: AllocationPolicy) -> None:
    choice = choose_orders(book({"MUG": 1}, {"MUG": 1}), maximise="orders")

    with pytest.raises(InvalidValueError, match="within"):
        choice.policy(within)


# J. Burkardt, data set KNAPSACK_01 (Florida State University): one SKU, and weights.
KNAPSACKS = [
    pytest.param(
        165,
        [23, 31, 29, 44, 53, 38, 63, 85, 89, 82],
        [92, 57, 49, 68, 60, 43, 67, 84, 87, 72],
        309,
        id="p01",
    ),
    pytest.param(
        104, [25, 35, 45, 5, 25, 3, 2, 2], [350, 400, 450, 20, 70, 8, 5, 5], 900, id="p05"
    ),
    pytest.param(
        170, [41, 50, 49, 59, 55, 57, 60], [442, 525, 511, 593, 546, 564, 617], 1735, id="p06"
    ),
    pytest.param(
        750,
        [70, 73, 77, 80, 82, 87, 90, 94, 98, 106, 110, 113, 115, 118, 120],
        [135, 139, 149, 150, 156, 163, 173, 184, 192, 201, 210, 214, 221, 229, 240],
        1458,
        id="p07",
    ),
]


@pytest.mark.parametrize(("capacity", "sizes", "worths", "optimum"), KNAPSACKS)
def test_published_knapsacks(
    capacity: int, sizes: list[int], worths: list[int], optimum: int
) -> None:
    shop = book({"MUG": capacity}, *[{"MUG": size} for size in sizes])

    choice = choose_orders(
        shop, maximise="orders", weights=lambda order: worths[ord(order.id) - ord("A")]
    )

    assert (choice.value, choice.bound, choice.is_settled) == (optimum, optimum, True)


def test_the_first_multidimensional_knapsack_of_the_or_library() -> None:
    """
    J. E. Beasley, OR-Library, mknap1, problem 1 (Petersen 1967): 6 items, 10 limits, 3800.
    """
    worths = [100, 600, 1200, 2400, 500, 2000]
    needs = [
        [8, 12, 13, 64, 22, 41],
        [8, 12, 13, 75, 22, 41],
        [3, 6, 4, 18, 6, 4],
        [5, 10, 8, 32, 6, 12],
        [5, 13, 8, 42, 6, 20],
        [5, 13, 8, 48, 6, 20],
        [0, 0, 0, 0, 8, 0],
        [3, 0, 4, 0, 8, 0],
        [3, 2, 4, 0, 8, 4],
        [3, 2, 4, 8, 8, 4],
    ]
    limits = [80, 96, 20, 36, 44, 48, 10, 18, 22, 24]
    wants = [
        {f"S{row}": column[item] for row, column in enumerate(needs) if column[item]}
        for item in range(6)
    ]
    shop = book({f"S{row}": limit for row, limit in enumerate(limits)}, *wants)

    choice = choose_orders(
        shop, maximise="orders", weights=lambda order: worths[ord(order.id) - ord("A")]
    )

    assert (choice.value, choice.orders) == (3800, ("B", "C", "F"))


def test_smallest_first_is_not_the_best_where_skus_are_tied() -> None:
    """
    Set packing: by size, ties by age, two orders go; three can.
    """
    shop = book({"A": 2, "B": 2, "C": 2}, {"A": 1, "B": 1}, {"A": 2}, {"B": 2}, {"C": 2})

    assert choose_orders(shop, maximise="orders").value == 3
    assert take_in_order(shop, maximise="orders").value == 2


def test_one_unit_more_may_take_an_order_from_somebody() -> None:
    """
    Whole orders are not monotone: 5 and 3 from 4, and from 5.
    """
    wants = ({"MUG": 5}, {"MUG": 3})

    assert choose_orders(book({"MUG": 4}, *wants), maximise="units").orders == ("B",)
    assert choose_orders(book({"MUG": 5}, *wants), maximise="units").orders == ("A",)
