"""
SAP's backorder processing, as whole plans.

Its nine published cases are diagrams without numbers; the tables here follow its published
rules, with numbers of our own.  *Rule* names such a one, and *published* a printed number.
What SAP writes as 30@1, thirty on the requested day 1, is allocated here, since it is there
today: day 0.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    Fifo,
    Priority,
    Protection,
    Ranked,
    Sku,
    plan,
)
from backorderkit.policies import ByRequested, Rules, ShipRule
from tests.cases.replanned import (
    FILL,
    GAIN,
    IMPROVE,
    LOSE,
    REDISTRIBUTE,
    SKIP,
    WIN,
    Parts,
    Row,
    again,
    book,
    got,
    replan,
    segment,
)

BOWL = Sku("BOWL")

BACKORDER_PROCESSING = Rules(
    Fifo(),
    segments=[
        segment(channel, contract, place=place)
        for place, (channel, contract) in enumerate(
            {
                "win": WIN,
                "gain": GAIN,
                "improve": IMPROVE,
                "redistribute": REDISTRIBUTE,
                "fill": FILL,
                "lose": LOSE,
            }.items()
        )
    ],
)
"""One segment for each strategy, in the order in which SAP runs them."""

TABLE = {
    "W1": Row(wants=30, channel="win", day=1),
    "G1": Row(wants=40, has=20, channel="gain", day=1),
    "R2": Row(wants=20, channel="redistribute", day=1, placed=2),
    "R1": Row(wants=50, has=50, channel="redistribute", day=1, placed=1),
    "F1": Row(wants=40, has=20, channel="fill", day=1),
    "L1": Row(wants=10, has=10, channel="lose", day=1),
}

CONFIRMED_BY_WHAT_IS_GONE = {
    name: attrs.evolve(row, has=0, told=[(row.has, 1)] if row.has else [])
    for name, row in TABLE.items()
}
"""The same confirmations, where the receipt that they came from does not come any more."""


@pytest.mark.parametrize(
    ("stock", "receipts", "expected"),
    [
        pytest.param(
            100,
            {},
            {
                "W1": [(30, 0)],
                "G1": [(40, 0)],
                "R2": [(20, 0)],
                "R1": [(10, 0)],
                "F1": [],
                "L1": [],
            },
            id="stock 100",
        ),
        pytest.param(
            100,
            {10: 50},
            {
                "W1": [(30, 0)],
                "G1": [(40, 0)],
                "R2": [(20, 0)],
                "R1": [(10, 0), (40, 10)],
                "F1": [(10, 10)],
                "L1": [],
            },
            id="and 50 on day 10",
        ),
        pytest.param(
            250,
            {},
            {
                "W1": [(30, 0)],
                "G1": [(40, 0)],
                "R2": [(20, 0)],
                "R1": [(50, 0)],
                "F1": [(20, 0)],
                "L1": [],
            },
            id="stock 250: fill gains nothing, lose loses though 100 are free",
        ),
    ],
)
def test_sap_the_strategies_side_by_side(
    stock: int, receipts: Mapping[int, int], expected: dict[str, Parts]
) -> None:
    """
    SAP S/4HANA aATP, backorder processing; rule of each strategy, numbers constructed.
    """
    made = replan(book(TABLE, stock=stock, receipts=receipts), policy=BACKORDER_PROCESSING)

    assert got(made) == expected
    assert made.broken == ()


@pytest.mark.parametrize(
    ("stock", "broken"),
    [
        pytest.param(20, [("G1", 20, 0), ("W1", 30, 20)], id="stock 20"),
        pytest.param(45, [("G1", 20, 15)], id="stock 45"),
    ],
)
def test_sap_exceptions_of_win_and_gain(stock: int, broken: list[tuple[str, int, int]]) -> None:
    """
    SAP S/4HANA: a win or gain that cannot be kept is an exception; rule, numbers constructed.
    """
    made = replan(book(CONFIRMED_BY_WHAT_IS_GONE, stock=stock), policy=BACKORDER_PROCESSING)

    assert [(each.order, each.owed, each.got) for each in made.broken] == broken
    assert got(made) == {name: row.told for name, row in CONFIRMED_BY_WHAT_IS_GONE.items()}


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[str, Row], int, dict[int, int]]:
    """Draw lines of all strategies with what they have and were told, and a supply."""
    rows = dict[str, Row]()
    for name in draw(st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=5, unique=True)):
        wants = draw(st.integers(1, 6))
        has = draw(st.integers(0, wants))
        told = draw(st.integers(0, wants - has))
        rows[name] = Row(
            wants=wants,
            has=has,
            told=[(told, draw(st.sampled_from([1, 3, 5])))] if told else [],
            day=draw(st.sampled_from([0, 2, 4, 9])),
            placed=draw(st.integers(0, 3)),
            channel=draw(st.sampled_from([each.name for each in BACKORDER_PROCESSING.segments])),
        )
    stock = sum(row.has for row in rows.values()) + draw(st.integers(0, 6))
    return rows, stock, draw(st.dictionaries(st.sampled_from([1, 3, 5]), st.integers(1, 6)))


def by(parts: Parts, day: int) -> int:
    """Say how many units are had by a day."""
    return sum(units for units, when in parts if when <= day)


DAYS = range(10)


@given(tables())
def test_sap_what_the_strategies_say_holds_for_every_table(
    table: tuple[dict[str, Row], int, dict[int, int]],
) -> None:
    """
    SAP S/4HANA, the published rule of each strategy, as inequalities at every date.

    Win: all by the requested day.  Gain: at least as much by every day as confirmed.  Fill:
    at most as much.  Lose: nothing.  And what is shared anew leaves no unit idle.
    """
    rows, stock, receipts = table
    made = plan(book(rows, stock=stock, receipts=receipts), policy=BACKORDER_PROCESSING)
    found = got(made)
    old = {name: [(row.has, 0)] * bool(row.has) + row.told for name, row in rows.items()}

    if made.broken:
        assert found == old
        return

    for name, row in rows.items():
        new = [by(found[name], day) for day in DAYS]
        before = [by(old[name], day) for day in DAYS]
        assert new[-1] <= row.wants
        if row.channel == "win" and row.day is not None:
            assert new[row.day] == row.wants
        if row.channel == "gain":
            assert all(now >= then for now, then in zip(new, before, strict=True))
        if row.channel == "fill":
            assert all(now <= then for now, then in zip(new, before, strict=True))
        if row.channel == "lose":
            assert new[-1] == 0
    coming = [sum(units for due, units in receipts.items() if due <= day) for day in DAYS]
    given_away = [sum(by(parts, day) for parts in found.values()) for day in DAYS]
    assert all(units <= stock + come for units, come in zip(given_away, coming, strict=True))
    gaining = [name for name, row in rows.items() if row.channel not in {"fill", "lose"}]
    if any(by(found[name], DAYS[-1]) < rows[name].wants for name in gaining):
        assert given_away[-1] == stock + coming[-1]


@pytest.mark.parametrize(
    ("rows", "stock", "receipts"),
    [
        pytest.param(
            {"B": Row(wants=1, channel="win", day=4), "C": Row(wants=1, channel="gain", day=0)},
            0,
            {1: 1, 3: 1},
            id="a win that has time, and a gain",
        ),
        pytest.param(
            {
                "B": Row(wants=2, told=[(2, 5)], channel="skip"),
                "D": Row(wants=3, told=[(2, 5)], channel="gain", placed=0),
            },
            2,
            {3: 3},
            id="a skip that may not have it early, and a gain",
        ),
    ],
)
def test_sap_planning_again_changes_nothing(
    rows: dict[str, Row], stock: int, receipts: dict[int, int]
) -> None:
    """
    SAP's keep, then improve is not idempotent: of 4,000 random runs 8 changed again.
    """
    rules = attrs.evolve(
        BACKORDER_PROCESSING, segments=[*BACKORDER_PROCESSING.segments, segment("skip", SKIP)]
    )
    made = plan(book(rows, stock=stock, receipts=receipts), policy=rules)

    assert plan(made.outcome, policy=rules).changes == ()


def test_sap_only_failed_materials_stop() -> None:
    """
    SAP S/4HANA, "Stop failed material-plant combinations": the run completes for the clean ones.

    Its fallback variant is a second plan here, of the SKUs that are named.
    """
    rows = {
        **CONFIRMED_BY_WHAT_IS_GONE,
        "W2": Row(wants=5, channel="win", day=1, sku=BOWL),
        "R3": Row(wants=5, has=5, channel="redistribute", day=1, sku=BOWL),
    }
    failed = book(rows, stock={"MUG": 20, "BOWL": 6})

    made = replan(failed, policy=BACKORDER_PROCESSING)

    assert {each.sku for each in made.broken} == {"MUG"}
    assert (got(made)["W2"], got(made)["R3"]) == ([(5, 0)], [(1, 0)])

    fallback = plan(made.outcome, policy=Rules(Fifo()), skus=[each.sku for each in made.broken])
    assert sum(units for parts in got(fallback).values() for units, day in parts if day == 0) == 20


def test_sap_fill_is_not_pulled_in() -> None:
    """
    SAP S/4HANA: fill was confirmed for day 10; twenty lie there now, and it stays day 10.
    """
    confirmed = Row(wants=20, told=[(20, 10)], channel="fill", day=1)

    for receipts in ({10: 20}, {}):
        made = replan(
            book({"F1": confirmed}, stock=20, receipts=receipts), policy=BACKORDER_PROCESSING
        )
        assert got(made) == {"F1": [(20, 10)]}


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("improve", {"I2": [(30, 0)], "I1": [(40, 0)]}),
        ("redistribute", {"I2": [(60, 0)], "I1": [(10, 0)]}),
    ],
)
def test_sap_improve_keeps_first_and_redistribute_does_not(
    strategy: str, expected: dict[str, Parts]
) -> None:
    """
    SAP S/4HANA: improve retains in a first pass, and improves from what is left.

    I2 is sorted first; both want 60, they have 20 and 40, and 70 are there.
    """
    rows = {
        "I1": Row(wants=60, has=40, channel=strategy, placed=1),
        "I2": Row(wants=60, has=20, channel=strategy, placed=2),
    }

    made = replan(book(rows, stock=70), policy=BACKORDER_PROCESSING)

    assert got(made) == expected
    # Its keep-then-improve is not always idempotent; the fixpoint is.


def test_sap_the_order_of_the_list_decides_who_matches_several() -> None:
    """
    SAP: a requirement of several segments takes the first strategy in its fixed order.

    Here the list is yours: a blocked customer that stands first loses, rush or not.
    """
    row = {"A": Row(wants=5, has=5, channel="win"), "B": Row(wants=5, channel="win", placed=0)}
    lose, win = attrs.evolve(segment("win", LOSE), name="blocked"), segment("win", WIN)

    blocked = replan(book(row, stock=10), policy=Rules(Fifo(), segments=[lose, win]))
    rushed = replan(book(row, stock=10), policy=Rules(Fifo(), segments=[win, lose]))

    assert got(blocked) == {"A": [], "B": []}
    assert got(rushed) == {"A": [(5, 0)], "B": [(5, 0)]}


def test_sap_skip_is_left_as_it_is() -> None:
    """
    SAP S/4HANA, skip: free samples keep what they have, and are netted from the supply.
    """
    rows = {
        "S1": Row(wants=8, has=3, channel="skip", placed=9),
        "R1": Row(wants=9, channel="redistribute", priority=1),
    }
    rules = Rules(
        Priority(), segments=[segment("skip", SKIP), segment("redistribute", REDISTRIBUTE)]
    )

    assert got(replan(book(rows, stock=10), policy=rules)) == {"S1": [(3, 0)], "R1": [(7, 0)]}
    # Two more are there than R1 wants, and skip does not gain.
    assert got(replan(book(rows, stock=14), policy=rules)) == {"S1": [(3, 0)], "R1": [(9, 0)]}


def test_sap_x37_v_v2_unconfirms_and_serves_the_higher_delivery_priority() -> None:
    """
    SAP R/3, rescheduling V_V2; published: one piece, the older has it, the urgent one gets it.
    """
    rows = {"A": Row(wants=1, has=1, placed=9), "B": Row(wants=1, priority=1)}

    assert again(book(rows, stock=1), REDISTRIBUTE, Priority()) == {"A": [], "B": [(1, 0)]}
    # Without the unconfirming, who has it keeps it.
    assert again(book(rows, stock=1), IMPROVE, Priority()) == {"A": [(1, 0)], "B": []}


def test_sap_x38_rescheduling_by_date() -> None:
    """
    SAP R/3, V_V2 by schedule line date; the first took all 20, the second wants 5 sooner.
    """
    rows = {"1": Row(wants=20, has=20, day=14), "2": Row(wants=5, day=0, placed=0)}

    found = again(book(rows, stock=20), REDISTRIBUTE, Ranked(key=ByRequested()))

    assert found == {"1": [(15, 0)], "2": [(5, 0)]}


def test_sap_only_complete_delivery_is_allowed() -> None:
    """SAP, partial delivery per item *C*: a line that is not complete takes nothing away."""
    rows = {"A": Row(wants=9, placed=2), "B": Row(wants=5)}

    made = replan(book(rows, stock=6), policy=Rules(Fifo(), ship=ShipRule(whole=True)))

    assert got(made) == {"A": [], "B": [(5, 0)]}


def test_sap_protection_goes_before_backorder_processing() -> None:
    """
    SAP: supply protection beats gain, redistribute and fill; lose loses even protected stock.
    """
    protections = [Protection(name="vip", group={"customer": ["vip"]}, quantity=6)]
    rows = {
        "R1": Row(wants=9, channel="redistribute"),
        "L1": Row(wants=4, has=4, channel="lose", customer="vip"),
    }
    rules = attrs.evolve(BACKORDER_PROCESSING, protections=protections)

    made = replan(book(rows, stock=10), policy=rules)

    # The group's protection revives when its line loses: six stay for the next of it.
    assert got(made) == {"R1": [(4, 0)], "L1": []}
