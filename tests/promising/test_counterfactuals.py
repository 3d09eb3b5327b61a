"""What it would take that a line is served, on books small enough to see it."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import pytest

from backorderkit import (
    AllocationPolicy,
    Book,
    Fifo,
    Hold,
    HoldId,
    InvalidInputError,
    InvalidValueError,
    Item,
    KeepPromises,
    LineId,
    OrderId,
    Priority,
    Shipping,
    ShipRule,
    Snapshot,
    StockLevel,
    Unit,
    plan,
)
from backorderkit.model import read_time
from backorderkit.promising import (
    LEVERS,
    Answers,
    Case,
    Dial,
    EarlierPlaced,
    EarlierReceipt,
    GivenUp,
    LargerReceipt,
    LaterDate,
    LessSafetyStock,
    Lever,
    MoreOnHand,
    OtherPriority,
    ReleasedHold,
    Remedy,
    SmallerLine,
    what_would_it_take,
)
from backorderkit.promising.levers import LOOKED_AT

from .test_comparisons import promised, told
from .test_impacts import MAIN, MUG, SHOP, line, orders, receipt, shop

ONE = LineId("1")


def order(number: int) -> OrderId:
    return OrderId(f"SO-{number}")


def ask(
    book: Snapshot,
    number: int,
    *,
    by: str | None = None,
    policy: AllocationPolicy | None = None,
    levers: Iterable[Lever] = LEVERS,
) -> Answers:
    date = None if by is None else read_time(by)
    return what_would_it_take(
        book, order(number), ONE, policy=policy or Fifo(), by=date, levers=levers
    )


def full() -> Snapshot:
    """A book in which everything could help SO-2."""
    cart = Hold(id=HoldId("cart-7"), sku=MUG, quantity=4, expires_at=read_time("2026-01-06"))
    return shop(
        stock=[StockLevel(sku=MUG, on_hand=14, safety_stock=5)],
        orders=orders(line(5), line(4)),
        receipts=[receipt("PO-1", 1, "2026-01-07"), receipt("PO-2", 20, "2026-01-12")],
        holds=[cart],
    )


def test_every_lever_gives_its_smallest_change() -> None:
    found = ask(full(), 2, by="2026-01-08", policy=Priority())

    assert not found.is_served
    assert [answer.remedy for answer in found.answers] == [
        MoreOnHand(sku=MUG, location=MAIN, quantity=3),
        EarlierReceipt(receipt=receipt("PO-2", 1, "2026-01-12").id, due=read_time("2026-01-08")),
        LargerReceipt(receipt=receipt("PO-1", 1, "2026-01-12").id, quantity=3),
        LessSafetyStock(sku=MUG, location=MAIN, quantity=3),
        ReleasedHold(hold=HoldId("cart-7"), sku=MUG, location=MAIN, quantity=4),
        OtherPriority(order=order(2), priority=4),
        EarlierPlaced(
            order=order(2),
            line=ONE,
            placed_at=read_time("2026-01-02T08:59:59.999999Z"),
            before=order(1),
        ),
        LaterDate(order=order(2), line=ONE, due=read_time("2026-01-12")),
        SmallerLine(order=order(2), line=ONE, quantity=3, left=1),
        GivenUp(order=order(1), sku=MUG, quantity=5),
    ]
    assert all(answer.is_least for answer in found.answers)
    # Rules have levers of their own, and a policy alone has nothing for them to turn.
    kinds = [lever.kind for lever in LEVERS if lever.kind not in {"quota", "protection"}]
    assert [answer.kind for answer in found.answers] == kinds
    assert found.tried == tuple(lever.kind for lever in LEVERS)
    assert found.sentences == (
        "With 3 pcs more on hand at MAIN, 3 of 4 pcs would be allocated now and"
        " 1 pcs would be promised for 2026-01-07.",
        "With receipt PO-2 due 2026-01-08, 1 pcs would be promised for 2026-01-07 and"
        " 3 pcs would be promised for 2026-01-08.",
        "With 3 pcs more in receipt PO-1, 4 pcs would be promised for 2026-01-07.",
        "With 3 pcs less safety stock at MAIN, 3 of 4 pcs would be allocated now and"
        " 1 pcs would be promised for 2026-01-07.",
        "With hold cart-7 giving up its 4 pcs at MAIN, all 4 pcs would be allocated now.",
        "With priority 4 for order SO-2, all 4 pcs would be allocated now.",
        "With order SO-2 placed just before order SO-1, all 4 pcs would be allocated now.",
        "Wanted by 2026-01-12, 1 pcs would be promised for 2026-01-07 and"
        " 3 pcs would be promised for 2026-01-12.",
        "With 3 pcs cancelled, so that 1 pcs stay, 1 pcs would be promised for 2026-01-07.",
        "With order SO-1 giving up its 5 pcs, all 4 pcs would be allocated now.",
    )


def test_receipts_cannot_help_a_line_that_is_to_be_allocated_now() -> None:
    found = ask(full(), 2)

    kinds = {answer.kind for answer in found.answers}
    assert kinds == {lever.kind for lever in LEVERS} - {
        *("receipt-earlier", "receipt-larger", "priority", "smaller", "quota", "protection")
    }


def test_a_served_line_is_answered_nothing() -> None:
    found = ask(full(), 1)

    assert found.is_served
    assert (found.answers, found.tried) == ((), ())
    assert found.sentences == ("It takes nothing: all 5 pcs are allocated now.",)
    assert ask(full(), 2, by="2026-01-12").is_served


def test_where_nothing_helps_it_says_what_was_looked_for() -> None:
    book = shop(orders=orders(line(2)))
    levers = [lever for lever in LEVERS if lever.kind in {"priority", "hold"}]

    found = ask(book, 1, levers=levers)

    assert found.answers == ()
    assert found.sentences == ("Nothing was found that alone does it; looked for: hold, priority.",)
    assert ask(book, 1, levers=()).sentences == (
        "Nothing was found that alone does it; looked for: none.",
    )


def test_an_answer_applied_gives_what_it_says_and_leaves_the_source() -> None:
    book = full()
    (answer, *_) = ask(book, 2).answers

    changed, policy = answer.apply(book, Fifo())

    assert book == full()
    (made,) = (each for each in plan(changed, policy=policy).lines if each.order == order(2))
    assert (made.allocated, made.promises) == (answer.outcome.allocated, answer.outcome.promises)
    assert answer.apply(Book.of(book), Fifo())[0].snapshot == changed


def test_a_bound_line_is_helped_at_its_place_only() -> None:
    book = shop(
        stock=[StockLevel(sku=MUG, location=SHOP, on_hand=9)], orders=orders(line(2, at="MAIN"))
    )

    (answer,) = ask(book, 1).answers

    assert answer.remedy == MoreOnHand(sku=MUG, location=MAIN, quantity=2)


def test_a_free_line_is_helped_where_the_least_is_lacking() -> None:
    book = shop(
        stock=[
            StockLevel(sku=MUG, location=MAIN, on_hand=0, safety_stock=3),
            StockLevel(sku=MUG, location=SHOP, on_hand=1, safety_stock=2),
        ],
        orders=orders(line(2)),
    )

    found = ask(book, 1)

    assert found.answers[0].remedy == MoreOnHand(sku=MUG, location=SHOP, quantity=3)


def test_quantities_are_told_in_the_unit_of_the_item() -> None:
    kilograms = Item(sku=MUG, unit="kg", decimals=3)
    book = shop(orders=orders(line(2500)), items=[kilograms])

    found = ask(book, 1)

    assert found.sentences == (
        "With 2.5 kg more on hand at MAIN, all 2.5 kg would be allocated now.",
    )


def test_a_ship_rule_that_skips_is_searched_step_by_step() -> None:
    """Three more serve SO-2 alone; from five on SO-1 takes them, until there are eight."""
    whole = Shipping(Fifo(), rule=ShipRule(whole=True))
    book = shop(orders=orders(line(5), line(3)))

    found = ask(book, 2, policy=whole)

    assert (found.answers[0].remedy, found.answers[0].is_least) == (
        MoreOnHand(sku=MUG, location=MAIN, quantity=3),
        True,
    )


def test_far_steps_that_no_law_orders_are_not_called_the_least() -> None:
    whole = Shipping(Fifo(), rule=ShipRule(whole=True))
    wanted = LOOKED_AT + 10
    book = shop(orders=orders(line(wanted)))

    (answer,) = ask(book, 1, policy=whole).answers

    assert answer.remedy == MoreOnHand(sku=MUG, location=MAIN, quantity=wanted)
    assert not answer.is_least
    assert answer.sentence.endswith("Something smaller may do, too.")


def test_a_line_placed_later_than_its_order_moves_alone() -> None:
    first, second = orders(line(1), line(1))
    late = attrs.evolve(line(1), placed_at=read_time("2026-01-04"))
    third = attrs.evolve(second, id=order(3), placed_at=read_time("2026-01-01"), lines=[late])
    book = shop(stock={"MUG": 1}, orders=[first, third])

    found = ask(book, 3)

    (answer,) = (each for each in found.answers if each.kind == "placed-earlier")
    changed, _ = answer.apply(book, Fifo())
    (moved,) = (each for each in changed.orders if each.id == order(3))
    assert moved.placed_at == read_time("2026-01-01")
    assert moved.lines[0].placed_at == read_time("2026-01-02T08:59:59.999999Z")


def test_a_line_may_pass_another_of_its_own_order() -> None:
    (first,) = orders(line(1))
    late = attrs.evolve(line(1), id=LineId("0"), placed_at=read_time("2026-01-04"))
    book = shop(stock={"MUG": 1}, orders=[attrs.evolve(first, lines=[*first.lines, late])])

    found = what_would_it_take(book, order(1), LineId("0"), policy=Fifo())

    (answer,) = (each for each in found.answers if each.kind == "placed-earlier")
    assert answer.remedy == EarlierPlaced(
        order=order(1), line=LineId("0"), placed_at=first.placed_at, before=None
    )
    assert answer.sentence == (
        "With line 0 of order SO-1 placed at 2026-01-02, all 1 pcs would be allocated now."
    )


def test_among_many_priorities_only_those_around_others_are_looked_at() -> None:
    first, second = orders(line(2), line(2))
    book = shop(
        stock={"MUG": 2},
        orders=[attrs.evolve(first, priority=700), attrs.evolve(second, priority=10**9)],
    )

    found = ask(book, 2, policy=Priority())

    (answer,) = (each for each in found.answers if each.kind == "priority")
    assert (answer.remedy, answer.is_least) == (OtherPriority(order=order(2), priority=699), True)


def test_a_larger_receipt_later_on_frees_units_that_a_promise_needs() -> None:
    """SO-1 was promised 2 by PO-2, which has shrunk: so it needs a unit of those on hand."""
    first, second = orders(line(2), line(1))
    young = attrs.evolve(first, placed_at=read_time("2026-01-03"))
    book = shop(
        stock={"MUG": 1},
        orders=[young, second],
        receipts=[receipt("PO-2", 1, "2026-01-10")],
        backorders=[told(2, promised(2, "2026-01-10", "PO-2"), of="SO-1")],
    )

    found = ask(book, 2, by="2026-01-05", policy=KeepPromises(Fifo()))

    remedies = {answer.kind: answer.remedy for answer in found.answers}
    assert remedies["receipt-larger"] == LargerReceipt(
        receipt=receipt("PO-2", 1, "2026-01-10").id, quantity=1
    )


class ByPriority:
    """A lever on the policy, and its own remedy."""

    kind = "by-priority"

    def apply(self, book: Book, policy: AllocationPolicy, /) -> tuple[Book, AllocationPolicy]:
        return book, Priority()

    def clause(self, unit: Unit, /) -> str:
        return "served by priority"

    def dials(self, case: Case, /) -> Iterable[Dial]:
        return [Dial(steps=1, remedy=lambda _: self)]


def test_a_lever_of_the_host_may_change_the_policy() -> None:
    first, second = orders(line(2), line(2))
    book = shop(stock={"MUG": 2}, orders=[first, attrs.evolve(second, priority=1)])

    found = ask(book, 2, levers=[ByPriority()])

    (answer,) = found.answers
    assert answer.sentence == "Served by priority, all 2 pcs would be allocated now."
    assert answer.apply(book, Fifo()) == (book, Priority())


@attrs.frozen
class _Broken:
    kind: object = "broken"
    given: object = None

    def dials(self, case: object, /) -> object:
        return [self.given]

    def apply(self, book: object, policy: object, /) -> object:
        return self.given, policy

    def clause(self, unit: object, /) -> str:
        return ""


def _broken(_: int) -> Remedy:
    return _Broken()  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("lever", "said"),
    [
        (_Broken(), "dials: got nothing, must be a Dial"),
        (
            _Broken(given=Dial(steps=1, remedy=_broken)),
            "book: got nothing, must be a Book",
        ),
        (_Broken(kind=""), "levers\\[0\\].kind: got '', must be a non-empty string"),
        (object(), "levers\\[0\\]: got .* must be a Lever"),
        (ByPriority, "levers\\[0\\]: got .* must be a Lever"),
    ],
)
def test_a_broken_lever_is_refused(lever: Lever, said: str) -> None:
    with pytest.raises(InvalidValueError, match=said):
        ask(shop(orders=orders(line(2))), 1, levers=[lever])


def test_a_remedy_must_leave_the_line_open() -> None:
    closing = SmallerLine(order=order(1), line=ONE, quantity=2, left=0)
    lever = _Broken(given=Dial(steps=1, remedy=lambda _: closing))

    with pytest.raises(InvalidValueError, match="must leave something of the line outstanding"):
        ask(shop(orders=orders(line(2))), 1, levers=[lever])  # type: ignore[list-item]


def test_kinds_stand_once() -> None:
    with pytest.raises(InvalidValueError, match=r"levers\[1\].kind: got 'by-priority'.*unique"):
        ask(shop(orders=orders(line(2))), 1, levers=[ByPriority(), ByPriority()])


@pytest.mark.parametrize(
    ("steps", "said"),
    [(-1, "steps: got -1, must be >= 0"), (True, "steps: got True, must be a whole number")],
)
def test_a_dial_is_checked(steps: int, said: str) -> None:
    with pytest.raises(InvalidValueError, match=said):
        Dial(steps=steps, remedy=lambda _: ByPriority())
    with pytest.raises(InvalidValueError, match="remedy: got nothing, must be a function"):
        Dial(steps=1, remedy=None)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="by: got 'soon', must be a datetime"):
        Dial(steps=1, remedy=lambda _: ByPriority(), by="soon")  # type: ignore[arg-type]


@pytest.mark.parametrize("use", ["snapshot", "book"])
def test_what_is_no_open_line_is_refused(use: str) -> None:
    done = attrs.evolve(line(2), shipped=2)
    book = shop(orders=orders(done, line(1)))
    source = book if use == "snapshot" else Book.of(book)
    for number, id_, said in (
        (1, "1", "line: got '1', must be a line of order SO-1 with something outstanding"),
        (2, "7", "line: got '7', must be a line of order SO-2 with something outstanding"),
        (9, "1", "order: got 'SO-9', must be a known order"),
    ):
        with pytest.raises(InvalidValueError, match=said):
            what_would_it_take(source, order(number), LineId(id_), policy=Fifo())


def test_a_day_that_has_passed_is_refused_and_today_is_not() -> None:
    book = shop(orders=orders(line(2)))

    assert ask(book, 1, by="2026-01-05").by == read_time("2026-01-05")
    with pytest.raises(InvalidValueError, match=r"by: .*must not lie before .*, 2026-01-05"):
        ask(book, 1, by="2026-01-04T23:59:00Z")
    with pytest.raises(InvalidValueError, match="by: got 'soon', must be a datetime"):
        what_would_it_take(book, order(1), ONE, policy=Fifo(), by="soon")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "remedy",
    [
        EarlierReceipt(receipt=receipt("PO-9", 1, "2026-01-12").id, due=read_time("2026-01-08")),
        LargerReceipt(receipt=receipt("PO-9", 1, "2026-01-12").id, quantity=3),
        LessSafetyStock(sku=MUG, location=MAIN, quantity=3),
        ReleasedHold(hold=HoldId("cart-8"), sku=MUG, location=MAIN, quantity=4),
        OtherPriority(order=order(9), priority=4),
        SmallerLine(order=order(9), line=ONE, quantity=3, left=1),
        GivenUp(order=order(9), sku=MUG, quantity=5),
    ],
)
def test_a_remedy_that_does_not_fit_is_refused(
    remedy: EarlierReceipt | LargerReceipt | LessSafetyStock | ReleasedHold | SmallerLine | GivenUp,
) -> None:
    (answer, *_) = ask(full(), 2).answers

    with pytest.raises((InvalidValueError, InvalidInputError)):
        attrs.evolve(answer, remedy=remedy).apply(shop(orders=orders(line(2))), Fifo())
