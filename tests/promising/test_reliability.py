"""How late and how short receipts come: learnt, and asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    InvalidInputError,
    InvalidValueError,
    ReceiptId,
    ScheduledReceipt,
    Sku,
)
from backorderkit.promising import Expectation, PastReceipt, Reliability, SupplyRules

DUE = datetime(2026, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 6, 1, tzinfo=UTC)
MUG = Sku("MUG")


def past(
    name: str,
    late: int | None,
    *,
    good: int = 10,
    rejected: int = 0,
    supplier: str = "Kiln",
    sku: Sku = MUG,
    due: datetime = DUE,
) -> PastReceipt:
    return PastReceipt(
        id=ReceiptId(name),
        sku=sku,
        supplier=supplier,
        due=due,
        received_at=None if late is None else due + timedelta(days=late, hours=9),
        ordered=10,
        received=0 if late is None else good + rejected,
        rejected=0 if late is None else rejected,
    )


def several(*late: int | None, supplier: str = "Kiln", sku: Sku = MUG) -> list[PastReceipt]:
    return [
        past(f"{supplier}-{sku}-{number}", each, supplier=supplier, sku=sku)
        for number, each in enumerate(late)
    ]


def coming(quantity: int = 10, due: datetime = DUE, supplier: str = "Kiln") -> ScheduledReceipt:
    return ScheduledReceipt(
        id=ReceiptId("PO-1"), sku=MUG, quantity=quantity, due=due, supplier=supplier
    )


def told(
    known: list[PastReceipt],
    percent: int,
    *,
    receipt: ScheduledReceipt | None = None,
    as_of: datetime = DUE - timedelta(days=7),
) -> Expectation:
    reliability = Reliability.learnt(known, as_of=LATER)
    return reliability.at(percent).expectation(receipt or coming(), as_of=as_of)


def test_without_a_past_a_receipt_is_worth_what_was_said() -> None:
    found = told([], 95)

    assert (found.due, found.quantity) == (found.face_due, found.face_quantity) == (DUE, 10)
    assert (found.due_reached, found.quantity_reached) == (None, None)
    assert found.due_evidence.level == found.quantity_evidence.level == "nothing"
    assert not found.is_reached
    assert found.expected == found.receipt
    assert found.reason == (
        "At face value, due 2026-01-12: none was ever seen to come. "
        "At face value, 10 units: none was ever completed."
    )


def test_the_day_is_told_with_how_surely_it_is_reached() -> None:
    found = told(several(-3, 0, 0, 0, 0, 0, 2, 2, 5), 60)

    # Six of nine are on time: one more is with 6 / 10.
    assert (found.due, found.due_reached) == (DUE, Fraction(6, 10))
    assert told(several(0, 0, 0, 0, 0, 0, 2, 2, 5), 61).due == DUE + timedelta(days=2)
    assert found.is_reached
    assert found.reason == (
        "By 2026-01-12 60 of 100 such receipts are here (60 asked, due 2026-01-12), "
        "going by 9 of all suppliers. 90 of 100 bring 10 good units of 10."
    )


def test_where_the_past_is_short_the_latest_day_seen_is_told_as_less_sure() -> None:
    found = told(several(0, 1, 4), 95)

    assert found.due == DUE + timedelta(days=4)
    assert found.due_reached == Fraction(3, 4)
    assert not found.is_reached


def test_a_receipt_keeps_its_time_of_day_and_all_else() -> None:
    receipt = attrs.evolve(coming(), due=DUE + timedelta(hours=15), firm=False)

    found = told(several(2, 2, 2), 50, receipt=receipt).expected

    assert found == attrs.evolve(receipt, due=DUE + timedelta(days=2, hours=15))
    assert found is not None
    assert not found.firm


def test_that_a_receipt_is_overdue_counts() -> None:
    known = several(0, 0, 0, 0, 0, 0, 3, 9, 9)

    # Of those that came three days late or later it is one in three by then.
    found = told(known, 50, as_of=DUE + timedelta(days=3))

    assert found.due == DUE + timedelta(days=9)
    assert found.due_reached == Fraction(3, 4)


def test_a_receipt_later_than_any_that_came_is_not_to_be_counted_on() -> None:
    found = told(several(0, 0, 3), 50, as_of=DUE + timedelta(days=4))

    assert (found.due, found.expected) == (None, None)
    assert found.reason.startswith(
        "Not to be counted on: due 2026-01-12, and none ever came as late as this one is."
    )


def test_what_is_still_under_way_makes_promises_later() -> None:
    arrived = several(0, 0, 0, 0, 2, 6, 6, 6, 6)

    assert told(arrived, 50).due == DUE + timedelta(days=2)
    assert told([*arrived, past("lost", None)], 50).due == DUE + timedelta(days=6)


def test_only_receipts_whose_day_is_over_speak_of_lateness() -> None:
    """
    Of those due later, only the early ones would be known.
    """
    early = past("early", -5, due=LATER + timedelta(days=2))
    today = past("today", -5, due=LATER)

    reliability = Reliability.learnt([early, today], as_of=LATER)

    assert reliability.lateness("Kiln", MUG).evidence.all == 0
    assert reliability.shortfall("Kiln", MUG).evidence.all == 2


def test_a_receipt_is_here_when_its_last_part_is() -> None:
    parts = [past("PO", 0, good=4), past("PO", 7, good=6), past("whole", 0)]

    reliability = Reliability.learnt(
        [attrs.evolve(part, ordered=part.received) for part in parts], as_of=LATER
    )

    late = reliability.lateness("Kiln", MUG)
    assert [late.by(day) for day in (-1, 0, 6, 7)] == [
        0,
        Fraction(1, 3),
        Fraction(1, 3),
        Fraction(2, 3),
    ]
    assert reliability.shortfall("Kiln", MUG).keeping(100) == Fraction(2, 3)


def test_a_rest_that_came_to_nothing_is_no_later_arrival() -> None:
    """
    All but two came on the day; that these are given up is noted three weeks later.
    """
    parts = [past("PO", 0, good=38), attrs.evolve(past("PO", 21, good=0), received=0, rejected=0)]
    known = [attrs.evolve(part, ordered=part.received or 2) for part in parts]

    reliability = Reliability.learnt(known, as_of=LATER)

    late = reliability.lateness("Kiln", MUG).quantile(50)
    assert late is not None
    assert late.value == 0
    assert reliability.shortfall("Kiln", MUG).keeping(96) == 0


def test_a_receipt_with_a_part_still_to_come_is_under_way() -> None:
    reliability = Reliability.learnt([past("PO", 0), past("PO", None)], as_of=LATER)

    assert reliability.lateness("Kiln", MUG).evidence.all == 1
    assert reliability.lateness("Kiln", MUG).quantile(50) is None
    assert reliability.shortfall("Kiln", MUG).quantile(50) is None


def test_a_quantity_is_what_one_may_count_on_in_whole_units() -> None:
    known = [past(f"{number}", 0) for number in range(8)]
    known += [past("short", 0, good=9), past("rejects", 0, good=5, rejected=5)]

    half, most = told(known, 50), told(known, 80, receipt=coming(quantity=7))

    assert (half.quantity, half.quantity_reached) == (10, Fraction(8, 11))
    # 90 per cent of 7 are 6.3.
    assert (most.quantity, most.quantity_reached) == (6, Fraction(9, 11))
    assert most.expected == attrs.evolve(coming(), quantity=6)


def test_a_lost_share_is_rounded_against_the_supplier() -> None:
    one = PastReceipt(id=ReceiptId("PO"), sku=MUG, due=DUE, received_at=DUE, ordered=3, received=2)

    good = Reliability.learnt([one], as_of=LATER).shortfall("", MUG)

    assert good.keeping(66) == Fraction(1, 2)
    assert good.keeping(67) == 0


def test_more_than_was_ordered_is_all_of_it() -> None:
    reliability = Reliability.learnt([past("PO", 0, good=12)], as_of=LATER)

    assert reliability.shortfall("Kiln", MUG).keeping(100) == Fraction(1, 2)


def test_what_came_to_nothing_is_no_arrival_and_all_lost() -> None:
    known = [past(f"{number}", 0, good=0) for number in range(3)]

    found = told(known, 50)

    assert found.due_evidence.all == 0
    assert (found.quantity, found.expected) == (0, None)


def test_suppliers_that_are_alike_are_taken_together() -> None:
    known = several(*[0] * 9, 5) + several(*[0] * 8, 5, 5, supplier="Forge")

    evidence = told(known, 50).due_evidence

    assert (evidence.level, evidence.supplier, evidence.all) == ("all", 10, 20)
    assert evidence.supplier_weight is None


def test_a_supplier_with_a_past_of_its_own_is_believed() -> None:
    known = several(*[0] * 30) + several(*[5] * 30, supplier="Forge")

    good, bad, new = (
        told(known, 90, receipt=coming(supplier=supplier)) for supplier in ("Kiln", "Forge", "Mill")
    )

    assert (good.due, bad.due) == (DUE, DUE + timedelta(days=5))
    assert good.due_evidence.level == bad.due_evidence.level == "supplier"
    assert "going by 30 of its supplier, 60 of all" in good.reason
    # Of a supplier that nobody knows what all of them do is expected.
    assert (new.due, new.due_evidence.level) == (DUE + timedelta(days=5), "all")


def test_an_item_that_its_supplier_always_sends_late_is_told_apart() -> None:
    bowl = Sku("BOWL")
    known = several(*[0] * 30) + several(*[7] * 30, sku=bowl)
    reliability = Reliability.learnt(known, as_of=LATER)

    mug, bowls = (reliability.lateness("Kiln", sku) for sku in (MUG, bowl))

    assert (mug.evidence.level, mug.evidence.item) == ("item", 30)
    assert mug.by(0) > Fraction(9, 10) > Fraction(1, 10) > bowls.by(0)
    assert "going by 30 of this item, 60 of its supplier" in told(known, 50).reason


def test_weights_may_be_given() -> None:
    known = several(0, 0, 0) + several(5, 5, 5, supplier="Forge")

    reliability = Reliability.learnt(known, as_of=LATER, supplier_weight=3, item_weight=10**6)

    kiln = reliability.lateness("Kiln", MUG)
    assert (kiln.evidence.supplier_weight, kiln.evidence.item_weight) == (3, 10**6)
    # (3 + 3 x 3/7) / 6, and then three of the item's own beside a million.
    assert float(kiln.by(0)) == pytest.approx(5 / 7, abs=1e-5)


def test_supply_rules_take_a_confidence_as_their_outlook() -> None:
    known = several(*[3] * 9)
    rules = SupplyRules(outlook=Reliability.learnt(known, as_of=LATER).at(90))

    found = rules.expected(coming(), as_of=DUE)

    assert found == attrs.evolve(coming(), due=DUE + timedelta(days=3))


def test_a_date_beyond_the_calendar_is_none() -> None:
    receipt = coming(due=datetime(9999, 12, 30, tzinfo=UTC))

    assert told(several(5, 5, 5), 50, receipt=receipt).expected is None


def test_the_day_is_that_of_utc() -> None:
    """
    Seven in the evening of the 12th in New York is the 13th in UTC.
    """
    evening = datetime.fromisoformat("2026-01-12T19:30:00-05:00")
    one = attrs.evolve(past("PO", 0), received_at=evening)

    late = Reliability.learnt([one], as_of=LATER).lateness("Kiln", MUG)

    assert [late.by(0), late.by(1)] == [0, Fraction(1, 2)]


def test_every_problem_of_a_past_receipt_is_told() -> None:
    with pytest.raises(InvalidValueError) as refused:
        PastReceipt(
            id=ReceiptId(""),
            sku=Sku(""),
            supplier=None,  # type: ignore[arg-type]
            due=datetime(2026, 1, 1),  # noqa: DTZ001 - naive on purpose
            received_at="soon",  # type: ignore[arg-type]
            ordered=0,
            received=-1,
            rejected=-1,
        )

    assert [each.field for each in refused.value.problems] == [
        "id",
        "sku",
        "supplier",
        "due",
        "received_at",
        "ordered",
        "received",
        "rejected",
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(
            {"received": 2, "rejected": 3, "received_at": DUE},
            "rejected: got 3, must be <= received, 2",
            id="more rejected than came",
        ),
        pytest.param(
            {"received": 2},
            "received: got 2, must be 0 while it is under way",
            id="came and did not come",
        ),
    ],
)
def test_a_past_receipt_adds_up(fields: dict[str, object], expected: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        PastReceipt(id=ReceiptId("PO"), sku=MUG, due=DUE, ordered=5, **fields)  # type: ignore[arg-type]

    assert str(refused.value) == expected


def test_parts_that_disagree_are_refused_all_at_once() -> None:
    other = past("PO", 0, supplier="Forge", sku=Sku("BOWL"), due=LATER)

    with pytest.raises(InvalidInputError) as refused:
        Reliability.learnt([past("PO", 0), other, "PO"], as_of=LATER)  # type: ignore[list-item]

    assert [
        each.path for each in refused.value.exceptions if isinstance(each, InvalidValueError)
    ] == [
        "past[1].sku",
        "past[1].supplier",
        "past[1].due",
        "past[2]",
    ]


KNOWN: Any = Reliability.learnt(several(0, 1), as_of=LATER)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(lambda known: known.at(0), id="0 %"),
        pytest.param(lambda known: known.at(100), id="100 %"),
        pytest.param(lambda known: known.at("50"), id="a text"),
        pytest.param(lambda known: known.lateness("Kiln", MUG).quantile(0.5), id="a float"),
        pytest.param(lambda known: known.lateness("Kiln", MUG).quantile(5, after="0"), id="after"),
        pytest.param(lambda known: known.lateness("Kiln", MUG).by(1.0), id="days"),
        pytest.param(lambda known: known.lateness("Kiln", MUG).by(1, after=0.0), id="by, after"),
        pytest.param(lambda known: known.shortfall("Kiln", MUG).quantile(101), id="101 %"),
        pytest.param(lambda known: known.shortfall("Kiln", MUG).keeping(101), id="more than all"),
        pytest.param(
            lambda known: known.shortfall("Kiln", MUG).keeping(-1), id="less than nothing"
        ),
        pytest.param(lambda known: known.lateness(None, MUG), id="no supplier"),
        pytest.param(lambda known: known.shortfall("Kiln", Sku("")), id="no SKU"),
        pytest.param(lambda known: known.at(50).expected("PO-1", as_of=DUE), id="no receipt"),
        pytest.param(lambda known: known.at(50).expected(coming(), as_of="now"), id="no time"),
        pytest.param(lambda known: known.learnt([], as_of=None), id="no moment"),
        pytest.param(lambda known: known.learnt(3, as_of=DUE), id="no past"),
        pytest.param(
            lambda known: known.learnt([], as_of=DUE, item_weight=0, supplier_weight=0),
            id="no weight",
        ),
    ],
)
def test_what_is_asked_wrongly_is_refused(asked: Callable[[Any], object]) -> None:
    with pytest.raises(InvalidValueError):
        asked(KNOWN)


@st.composite
def pasts(draw: st.DrawFn) -> list[PastReceipt]:
    ids = st.sampled_from(["A", "B"])
    size = draw(st.integers(0, 15))
    return [
        past(
            f"PO-{number}",
            draw(st.none() | st.integers(-5, 40)),
            good=draw(st.integers(0, 10)),
            rejected=draw(st.integers(0, 2)),
            supplier=draw(ids),
            sku=Sku(draw(ids)),
            due=DUE + timedelta(days=draw(st.integers(-20, 20))),
        )
        for number in range(size)
    ]


def answers(reliability: Reliability) -> list[object]:
    return [
        each
        for supplier in ("A", "B", "C")
        for sku in (Sku("A"), Sku("B"))
        for each in (reliability.lateness(supplier, sku), reliability.shortfall(supplier, sku))
    ]


@given(pasts(), st.integers(-30, 60))
def test_law_what_comes_later_is_not_looked_at(known: list[PastReceipt], days: int) -> None:
    now = DUE + timedelta(days=days, hours=3)
    today = DUE + timedelta(days=days)
    seen = [
        attrs.evolve(each, received_at=None, received=0, rejected=0)
        if each.received_at and each.received_at >= today
        else each
        for each in known
    ]

    assert answers(Reliability.learnt(seen, as_of=now)) == answers(
        Reliability.learnt(known, as_of=now)
    )


@given(pasts(), st.randoms())
def test_law_the_order_of_the_past_is_nothing(known: list[PastReceipt], random: Random) -> None:
    mixed = list(known)
    random.shuffle(mixed)

    assert answers(Reliability.learnt(mixed, as_of=LATER)) == answers(
        Reliability.learnt(known, as_of=LATER)
    )


@given(pasts(), st.integers(1, 98), st.integers(-10, 45), st.integers(1, 50))
def test_law_the_surer_the_later_and_the_less(
    known: list[PastReceipt], percent: int, days: int, quantity: int
) -> None:
    reliability = Reliability.learnt(known, as_of=LATER)
    receipt = coming(quantity=quantity, supplier="A")
    now = DUE + timedelta(days=days)

    less, more = (
        reliability.at(each).expectation(receipt, as_of=now) for each in (percent, percent + 1)
    )

    assert more.quantity <= less.quantity <= quantity
    assert (less.due is None) == (more.due is None)
    if less.due and more.due and less.due_reached:
        assert max(now, DUE + timedelta(days=-10)) <= less.due <= more.due
        assert more.due_reached is not None
        assert less.due_reached <= more.due_reached
