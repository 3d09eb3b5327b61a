"""For each check of rules a fault that it alone finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import attrs
import pytest

from backorderkit import (
    Allocation,
    Backorder,
    Fifo,
    LineId,
    Order,
    OrderId,
    OrderLine,
    Promise,
    ReceiptId,
    Released,
    ScheduledReceipt,
    Sku,
    Snapshot,
)
from backorderkit.checking import CHECKS, AgreedRules, PlanDocument, PlannedBreak, check_plan
from backorderkit.checking.rules import AgreedFreeze, AgreedTogether
from backorderkit.formats import rules_to_check
from backorderkit.model import read_time
from backorderkit.policies import (
    Buffer,
    Cap,
    Condition,
    Contract,
    Floor,
    Protection,
    Quota,
    Reserve,
    Rules,
    Segment,
    ShipRule,
)

from .ruled import Says, document

AS_OF = "2026-01-05"
NEXT_WEEK = "2026-01-12"
MUG = Sku("MUG")


def book(
    orders: Mapping[str, int],
    stock: int,
    *,
    held: Mapping[str, int] | None = None,
    receipt: int = 0,
    told: int = 0,
    requested: str | None = None,
) -> Snapshot:
    """Orders of one line each, the older first; those named web come from there."""
    asked = None if requested is None else read_time(requested)
    return Snapshot.of(
        as_of=AS_OF,
        stock={"MUG": stock},
        receipts=[
            ScheduledReceipt(
                id=ReceiptId("PO-1"), sku=MUG, quantity=receipt, due=read_time("2026-01-08")
            )
        ]
        if receipt
        else [],
        orders=[
            Order.of(
                order,
                "2026-01-02",
                [OrderLine(id=LineId("1"), sku=MUG, ordered=wants, requested=asked)],
                channel="web" if order.startswith("web") else "shop",
                sequence=place,
            )
            for place, (order, wants) in enumerate(orders.items())
        ],
        allocations=[
            Allocation(order=OrderId(order), line=LineId("1"), quantity=units)
            for order, units in (held or {}).items()
        ],
        backorders=[
            Backorder(
                order=OrderId("A"),
                line=LineId("1"),
                quantity=told,
                opened_at=read_time("2026-01-03"),
                promises=[
                    Promise(quantity=told, due=read_time("2026-01-08"), receipt=ReceiptId("PO-1"))
                ],
            )
        ]
        if told
        else [],
    )


def contract(floor: Floor = "none", cap: Cap = "none") -> Rules:
    """Order A has a contract."""
    only_a = [Condition(attribute="order", one_of=["A"])]
    return Rules(
        Fifo(), segments=[Segment("a", include=only_a, contract=Contract(floor=floor, cap=cap))]
    )


WEEKLY = Rules(
    Fifo(), quotas=[Quota(name="all", by=["sku"], rooms={("*",): 2}, period="week", ahead=1)]
)
FOR_WEB = Rules(
    Fifo(),
    protections=[
        Protection(name="web", group={"channel": ["web"]}, quantity=3, until=date(2026, 1, 11))
    ],
)
HALF = Rules(Fifo(), buffers=[Buffer(name="counts", percent=50, of="both")])
BY_HAND = Rules(Fifo(), reserve=Reserve(method="by-hand"))
DAYS_BEFORE = Rules(Fifo(), reserve=Reserve(method="days-before", days=2))
PACKS = Rules(Fifo(), ship=ShipRule(multiple=2))
SOME = Rules(Fifo())

ONE = book({"A": 5}, 9)
TWO = book({"A": 3, "B": 3}, 3, held={"A": 3})
FIVE = book({"A": 5, "web": 3}, 5)
LATER = book({"A": 5}, 0, receipt=4)
FAR = book({"A": 5}, 9, requested="2026-01-14")
TOLD = book({"A": 3, "B": 3}, 0, receipt=3, told=3)
SHORT = book({"A": 4, "B": 2}, 3, requested=AS_OF)

Case = tuple[str, Snapshot, Rules, dict[str, Says], set[str]]

CASES: list[Case] = [
    ("floor kept", TWO, contract("keep-or-raise"), {"A": Says(3)}, set()),
    ("floor broken", TWO, contract("keep-or-raise"), {"B": Says(3)}, {"C15"}),
    ("given up", TWO, contract(), {"B": Says(3)}, set()),
    ("no contract", TWO, SOME, {"B": Says(3)}, {"C15"}),
    (
        "promise kept",
        TOLD,
        contract("keep-or-raise"),
        {"A": Says(0, [("2026-01-08", 3, "PO-1")])},
        set(),
    ),
    (
        "promise lost",
        TOLD,
        contract("keep-or-raise"),
        {"B": Says(0, [("2026-01-08", 3, "PO-1")])},
        {"C15"},
    ),
    ("full", SHORT, contract("full-or-raise"), {"B": Says(2), "A": Says(1)}, {"C15"}),
    (
        "not better",
        book({"A": 5}, 9, held={"A": 2}),
        contract(cap="not-better"),
        {"A": Says(2, blockers={"contract": 3})},
        set(),
    ),
    (
        "better",
        book({"A": 5}, 9, held={"A": 2}),
        contract(cap="not-better"),
        {"A": Says(5)},
        {"C15"},
    ),
    ("nothing", ONE, contract(cap="nothing"), {"A": Says(5)}, {"C15"}),
    ("quota", ONE, WEEKLY, {"A": Says(2, [(NEXT_WEEK, 2, None)], {"quota": 3})}, set()),
    ("more than it", ONE, WEEKLY, {"A": Says(3, [(NEXT_WEEK, 2, None)], {"quota": 2})}, {"C17"}),
    ("more next week", ONE, WEEKLY, {"A": Says(2, [(NEXT_WEEK, 3, None)], {"quota": 3})}, {"C17"}),
    (
        "too far",
        ONE,
        WEEKLY,
        {"A": Says(2, [(NEXT_WEEK, 2, None), ("2026-01-19", 1, None)], {"quota": 3})},
        {"C17"},
    ),
    ("idle by a quota", ONE, WEEKLY, {"A": Says(1, [(NEXT_WEEK, 2, None)], {"quota": 4})}, {"C13"}),
    ("protected", FIVE, FOR_WEB, {"A": Says(2, blockers={"protection": 3}), "web": Says(3)}, set()),
    (
        "not left",
        FIVE,
        FOR_WEB,
        {"A": Says(4, blockers={"protection": 1}), "web": Says(1)},
        {"C18"},
    ),
    (
        "idle for web",
        book({"A": 5}, 5),
        FOR_WEB,
        {"A": Says(2, [(NEXT_WEEK, 3, None)], {"protection": 3})},
        set(),
    ),
    (
        "not for web",
        book({"A": 5}, 5),
        FOR_WEB,
        {"A": Says(2, [("2026-01-11", 3, None)], {"protection": 3})},
        {"C18"},
    ),
    ("buffered", ONE, HALF, {"A": Says(4, blockers={"buffer": 1})}, set()),
    ("not buffered", ONE, HALF, {"A": Says(5)}, {"C19"}),
    ("buffered later", LATER, HALF, {"A": Says(0, [("2026-01-08", 2, "PO-1")])}, set()),
    ("not later", LATER, HALF, {"A": Says(0, [("2026-01-08", 3, "PO-1")])}, {"C19"}),
    ("by hand", ONE, BY_HAND, {"A": Says(0, blockers={"horizon": 5})}, set()),
    ("not by hand", ONE, BY_HAND, {"A": Says(5)}, {"C20"}),
    ("in time", FAR, DAYS_BEFORE, {"A": Says(0, [(NEXT_WEEK, 5, None)], {"horizon": 5})}, set()),
    (
        "too early",
        FAR,
        DAYS_BEFORE,
        {"A": Says(0, [("2026-01-11", 5, None)], {"horizon": 5})},
        {"C20"},
    ),
    ("packs", book({"A": 5}, 4), PACKS, {"A": Says(4)}, set()),
    ("no packs", book({"A": 5}, 3), PACKS, {"A": Says(3)}, {"C21"}),
    (
        "lies for packs",
        book({"A": 5}, 3),
        PACKS,
        {"A": Says(2, blockers={"ship-rule": 1, "stock": 2})},
        set(),
    ),
    ("no such rule", book({"A": 5}, 3), SOME, {"A": Says(3, blockers={"quota": 2})}, {"C23"}),
    (
        "not on hand",
        ONE,
        WEEKLY,
        {"A": Says(0, [("2026-01-05", 2, None), (NEXT_WEEK, 2, None)], {"quota": 5})},
        {"C12", "C13"},
    ),
    (
        "not that day",
        LATER,
        SOME,
        {"A": Says(0, [("2026-01-09T12:00:00Z", 4, "PO-1")])},
        {"C12", "C13"},
    ),
    ("not there", LATER, SOME, {"A": Says(0, [("2026-01-08", 5, "PO-1")])}, {"C11"}),
    ("not there yet", LATER, SOME, {"A": Says(0, [("2026-01-07", 4, None)])}, {"C11"}),
]


def numbers(
    snapshot: Snapshot, said: PlanDocument, rules: AgreedRules | None
) -> tuple[set[str], list[str]]:
    found = check_plan(snapshot, said, rules=rules)
    return {fault.number for fault in found.faults}, list(map(str, found.faults))


@pytest.mark.parametrize(
    ("snapshot", "rules", "said", "expected"),
    [pytest.param(*rest, id=name.replace(" ", "-")) for name, *rest in CASES],
)
def test_a_planted_fault_is_found_by_its_check(
    snapshot: Snapshot, rules: Rules, said: dict[str, Says], expected: set[str]
) -> None:
    found, shown = numbers(snapshot, document(snapshot, said), rules_to_check(rules))

    assert found == expected, shown


BREAK = PlannedBreak(
    order=OrderId("A"),
    line=LineId("1"),
    sku=MUG,
    segment="a",
    floor="full-or-raise",
    by=read_time(AS_OF),
    owed=4,
    got=3,
)


@pytest.mark.parametrize(
    ("said", "entry", "expected"),
    [
        pytest.param({}, BREAK, set(), id="it-stays"),
        pytest.param({"A": Says(3)}, BREAK, {"C6", "C16"}, id="changes"),
        pytest.param({}, attrs.evolve(BREAK, owed=5), {"C16"}, id="owes-less"),
        pytest.param({}, attrs.evolve(BREAK, got=4), {"C16"}, id="can-be-kept"),
        pytest.param({}, attrs.evolve(BREAK, by=read_time("2026-01-04")), {"C16"}, id="not-due"),
        pytest.param({}, attrs.evolve(BREAK, order=OrderId("B")), {"C16"}, id="owes-nothing"),
        pytest.param({}, attrs.evolve(BREAK, floor="keep-or-raise"), {"C16"}, id="another-floor"),
        pytest.param({}, attrs.evolve(BREAK, segment="b"), {"C16"}, id="another-segment"),
        pytest.param({}, attrs.evolve(BREAK, order=OrderId("Z")), {"C16"}, id="nobody"),
    ],
)
def test_a_broken_contract_says_true_numbers_and_changes_nothing(
    said: dict[str, Says], entry: PlannedBreak, expected: set[str]
) -> None:
    plan = document(SHORT, said, broken=[entry])

    found, shown = numbers(SHORT, plan, rules_to_check(contract("full-or-raise")))

    assert found == expected, shown


def test_a_plan_without_rules_breaks_no_contract() -> None:
    plan = document(ONE, {"A": Says(5)}, policy="fifo", broken=[attrs.evolve(BREAK, owed=5)])

    found, shown = numbers(ONE, plan, None)

    assert "C16" in found, shown


def by_order(shipments: int) -> AgreedRules:
    return AgreedRules(
        in_order=True,
        together=AgreedTogether(group_of=lambda order, _: order.id, shipments=shipments),
    )


PAIR = Snapshot.of(
    as_of=AS_OF,
    stock={"BOWL": 1, "MUG": 2},
    receipts=[
        ScheduledReceipt(
            id=ReceiptId("PO-1"), sku=Sku("BOWL"), quantity=1, due=read_time("2026-01-08")
        )
    ],
    orders=[Order.of("A", "2026-01-02", {"BOWL": 2, "MUG": 2})],
)
BOWLS, MUGS = "A/1", "A/2"
WAITING = {"ship-rule": 2}


@pytest.mark.parametrize(
    ("shipments", "bowls", "mugs", "expected"),
    [
        pytest.param(
            1,
            Says(0, [("2026-01-08", 2, "PO-1")], WAITING),
            Says(0, [("2026-01-08", 2, None)], WAITING),
            set(),
            id="at-once",
        ),
        pytest.param(
            1, Says(0, [("2026-01-08", 2, "PO-1")], WAITING), Says(2), {"C22"}, id="twice"
        ),
        pytest.param(1, Says(0, blockers=WAITING), Says(2), {"C22"}, id="half"),
        pytest.param(2, Says(1, [("2026-01-08", 1, "PO-1")]), Says(2), set(), id="in-two"),
        pytest.param(2, Says(1, blockers={"stock": 1}), Says(2), {"C13"}, id="one-to-come"),
    ],
)
def test_what_ships_together_ships_together(
    shipments: int, bowls: Says, mugs: Says, expected: set[str]
) -> None:
    plan = document(PAIR, {BOWLS: bowls, MUGS: mugs})

    found, shown = numbers(PAIR, plan, by_order(shipments))

    assert found == expected, shown


def test_what_is_frozen_is_kept() -> None:
    plan = document(TWO, {"B": Says(3)})
    rules = rules_to_check(contract())
    picked = AgreedFreeze(lines=frozenset({(OrderId("A"), LineId("1"))}))

    assert numbers(TWO, plan, rules)[0] == set()
    assert numbers(TWO, plan, attrs.evolve(rules, freeze=picked))[0] == {"C15"}


@pytest.mark.parametrize(
    ("freeze", "is_frozen"),
    [
        (AgreedFreeze(orders=frozenset({"A"})), True),
        (AgreedFreeze(orders=frozenset({"B"})), False),
        (AgreedFreeze(within_days=2, by="promised"), False),
        (AgreedFreeze(within_days=3, by="promised"), True),
        (AgreedFreeze(within_days=3, by="requested"), False),
        (AgreedFreeze(within_days=3), True),
    ],
)
def test_what_is_promised_soon_is_frozen(freeze: AgreedFreeze, *, is_frozen: bool) -> None:
    plan = document(TOLD, {"B": Says(0, [("2026-01-08", 3, "PO-1")])})
    rules = attrs.evolve(rules_to_check(contract()), freeze=freeze)

    assert numbers(TOLD, plan, rules)[0] == ({"C15"} if is_frozen else set())


def test_what_is_taken_back_comes_first_and_was_held() -> None:
    plan = document(TWO, {"B": Says(3)})
    rules = rules_to_check(contract())
    back, *others = plan.changes
    assert isinstance(back, Released)
    last = attrs.evolve(plan, changes=(*others, back))
    more = attrs.evolve(plan, changes=(attrs.evolve(back, quantity=4), *others))

    assert numbers(TWO, plan, rules)[0] == set()
    assert numbers(TWO, last, rules)[0] == {"C3"}
    assert "C6" in numbers(TWO, more, rules)[0]


def test_a_plan_that_says_nothing_of_rules_takes_nothing_back() -> None:
    plan = document(TWO, {"B": Says(3)}, policy="own")

    assert "C8" in numbers(TWO, plan, None)[0]


def test_what_rules_hold_back_is_a_note_where_they_are_not_known() -> None:
    plan = document(ONE, {"A": Says(1, [(NEXT_WEEK, 2, None)], {"quota": 4})})

    found = check_plan(ONE, plan)

    assert found.holds
    assert {note.number for note in found.notes} == {"C13"}


def test_every_check_of_rules_finds_a_fault_that_no_other_finds() -> None:
    alone: Sequence[str] = [*(each for *_, found in CASES if len(found) == 1 for each in found)]

    # C16 and C22 have their own tests above.
    numbered = {check.number for check in CHECKS[14:]}
    assert numbered - set(alone) == {"C16", "C22"}
