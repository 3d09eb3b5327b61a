"""Planning by ship rules: which laws hold, and what the rules say."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    AllocationPolicy,
    FairShare,
    Fifo,
    Order,
    OrderLine,
    Priority,
    Ranked,
    Shipping,
    ShipRule,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.policies.protocol import fifo_key
from backorderkit.testing import snapshots

from . import (
    test_a_plan_adds_up,
    test_order_of_input,
    test_parts,
    test_planning_again,
    test_prepared_books,
)
from .books import (
    Key,
    at,
    granted,
    lines_of,
    promised,
    receipts_in_order,
    with_arrived,
    with_lasting_holds,
)
from .policies import by_request, examples
from .test_kept_promises import Law, bare
from .test_one_unit_more import assert_nobody_lost, with_one_more
from .test_promises import later_promises, promises_of

WHOLE = ShipRule(whole=True)


def by_priority(order: Order, line: OrderLine) -> ShipRule:
    """The urgent ones whole, some in pairs, some not less than 3, the rest as it comes."""
    if line.ordered == 1:
        return ShipRule()
    rules = [WHOLE, ShipRule(multiple=2), ShipRule(minimum=3), ShipRule(minimum=2, multiple=3)]
    return rules[order.priority % 4]


RULED: dict[str, Shipping] = {
    "whole": Shipping(Fifo(), rule=WHOLE),
    "whole-strict": Shipping(Fifo(), rule=WHOLE, waits=True),
    "minimum": Shipping(Priority(), rule=ShipRule(minimum=3)),
    "minimum-strict": Shipping(Fifo(), rule=ShipRule(minimum=2), waits=True),
    "packs-strict": Shipping(Ranked(key=by_request), rule=ShipRule(multiple=2), waits=True),
    "fair-packs": Shipping(FairShare(), rule=ShipRule(multiple=2)),
    "fair-whole": Shipping(Priority(within=FairShare(rule="equal")), rule=WHOLE),
    "mixed": Shipping(Fifo(), rule=by_priority),
    "mixed-strict": Shipping(Priority(), rule=by_priority, waits=True),
    "fair-mixed": Shipping(FairShare(rule="equal-losses"), rule=by_priority),
}
STRICT = {"strict whole": RULED["whole-strict"], "strict packs": RULED["packs-strict"]}

for_every_ruled = pytest.mark.parametrize("policy", RULED.values(), ids=RULED.keys())
for_every_strict = pytest.mark.parametrize("policy", STRICT.values(), ids=STRICT.keys())

ONE_POOL = snapshots(
    skus=["MUG"], locations=["MAIN"], max_lines=3, memory=0, items=False, bound=False
)
ONE_KIND = st.one_of(
    ONE_POOL,
    snapshots(skus=["MUG"], bound=False, max_lines=3, memory=0, items=False),
    snapshots(skus=["MUG"], bound=True, max_lines=3, memory=0, items=False),
)

LAWS: list[Law] = [
    test_a_plan_adds_up.test_replaying_the_changes_gives_the_outcome,
    test_a_plan_adds_up.test_the_outcome_remembers_what_the_lines_say,
    test_a_plan_adds_up.test_no_change_says_what_was_known_before,
    test_a_plan_adds_up.test_units_are_neither_made_nor_lost,
    test_planning_again.test_planning_the_outcome_again_changes_nothing,
]


@for_every_ruled
@given(book=snapshots())
@examples(40)
def test_the_laws_of_every_plan(book: Snapshot, policy: Shipping) -> None:
    for law in LAWS:
        bare(law)(book=book, policy=policy)


@for_every_ruled
@given(book=snapshots(), seed=st.integers(0, 999))
@examples(15)
def test_the_order_of_input_changes_no_byte(book: Snapshot, seed: int, policy: Shipping) -> None:
    law = bare(test_order_of_input.test_reordering_the_input_changes_no_byte)
    law(book=book, seed=seed, policy=policy)


@for_every_ruled
@given(book=snapshots(skus=["BOWL", "MUG", "TRAY"], max_lines=3))
@examples(15)
def test_one_sku_is_planned_as_all_are(book: Snapshot, policy: Shipping) -> None:
    law = bare(test_order_of_input.test_planning_one_sku_gives_the_same_as_planning_all)
    law(book=book, policy=policy)


@for_every_ruled
@given(book=snapshots(), data=st.data())
@examples(10)
def test_a_prepared_book_is_planned_as_its_snapshot(
    book: Snapshot, data: st.DataObject, policy: Shipping
) -> None:
    law = bare(test_prepared_books.test_event_by_event_on_a_book_is_planning_the_whole_snapshot)
    law(book=book, data=data, policy=policy)


@for_every_ruled
@given(
    book=snapshots(),
    parts=st.lists(st.sampled_from((0, 1, 2, 9)), min_size=20, max_size=20),
    hours=st.sampled_from((1, 15, 24, 26, 24 * 7, 24 * 40)),
)
@examples(20)
def test_shipping_and_time_that_passes_change_nothing(
    book: Snapshot, parts: list[int], hours: int, policy: Shipping
) -> None:
    again = test_planning_again
    shipping = bare(again.test_shipping_what_is_allocated_changes_nothing_for_anybody)
    shipping(book=book, parts=parts, policy=policy)
    passing = bare(again.test_time_that_passes_only_moves_the_dates_of_overdue_promises)
    passing(book=book, hours=hours, policy=policy)


@for_every_ruled
@given(book=snapshots())
@examples(40)
def test_no_line_gets_or_is_promised_a_part_that_may_not_go(
    book: Snapshot, policy: Shipping
) -> None:
    """
    At each event the part that it gets is one of those that its rule allows.
    """
    made = plan(book, policy=policy)

    given_now = granted(made)
    for line in made.lines:
        order, own = lines_of(book)[line.order, line.line]
        rule = policy.rule_of(order, own)
        want = line.backordered + given_now[line.order, line.line]
        dated = {promise.receipt: promise.quantity for promise in line.promises}
        parts = [given_now[line.order, line.line]]
        parts += [dated.get(receipt.id, 0) for receipt in receipts_in_order(book)]
        for part in parts:
            if part:
                # Two parts that may go at once may add up to what is one to the plan.
                assert may_go(rule, want, part), (line, rule)
                want -= part


def may_go(rule: ShipRule, want: int, part: int) -> bool:
    return part == rule.portion(want, part) or any(
        first == rule.portion(want, first) and may_go(rule, want - first, part - first)
        for first in range(1, part)
    )


@for_every_ruled
@given(book=snapshots(bound=False))
@examples(40)
def test_nobody_is_passed_by_who_could_be_served_by_what_lies_idle(
    book: Snapshot, policy: Shipping
) -> None:
    """
    Skipping: nobody at all.  A queue that waits: not the first of those that wait.
    """
    made = plan(book, policy=policy)

    idle = Counter[Sku]()
    for position in made.outcome.positions:
        idle[position.sku] += position.available
    lines = lines_of(book)
    for line in made.lines:
        order, own = lines[line.order, line.line]
        could = line.backordered and policy.rule_of(order, own).portion(
            line.backordered, idle[line.sku]
        )
        if could:
            assert policy.waits
            assert "the queue waits behind order" in line.reason


@for_every_ruled
@given(book=snapshots())
@examples(50)
def test_the_next_receipt_is_allocated_exactly_as_promised(
    book: Snapshot, policy: Shipping
) -> None:
    """
    With what lay there for it; and the promises from all later receipts are kept.
    """
    book = with_lasting_holds(book)
    made = plan(book, policy=policy)
    for sku in {receipt.sku for receipt in book.receipts}:
        receipt = next(each for each in receipts_in_order(book) if each.sku == sku)
        moment = max(book.as_of, receipt.due)

        then = plan(at(with_arrived(made.outcome, [receipt]), moment), policy=policy)

        assert granted(then) == promises_of(made, [receipt])
        assert later_promises(then, receipt, moment) == later_promises(made, receipt, moment)


@for_every_ruled
@given(book=snapshots())
@examples(40)
def test_nothing_is_promised_twice(book: Snapshot, policy: Shipping) -> None:
    """
    By each date, what is allocated and promised of a SKU is there by then.
    """
    made = plan(book, policy=policy)

    for sku in {line.sku for line in made.lines}:
        own = [line for line in made.lines if line.sku == sku]
        for date in [book.as_of, *(receipt.due for receipt in book.receipts)]:
            free = sum(each.available for each in book.positions if each.sku == sku)
            free += sum(
                max(0, receipt.quantity)
                for receipt in book.receipts
                if receipt.sku == sku and max(receipt.due, book.as_of) <= date
            )
            taken = sum(granted(made)[line.order, line.line] for line in own)
            taken += sum(
                promise.quantity for line in own for promise in line.promises if promise.due <= date
            )
            assert taken <= free


Given = dict[Key, int]


def by_hand(book: Snapshot, policy: Shipping) -> tuple[Given, Given]:
    """Walk one pool in FIFO order, event after event, one line after the other."""
    by_key = lines_of(book)
    queue = sorted(by_key, key=lambda key: fifo_key(*by_key[key]))
    wants = {key: book.line(*key).unallocated for key in queue}
    position = next(iter(book.positions), None)
    pile = position.available if position else 0
    missing = position.missing if position else 0
    first = Given()
    later = Given()
    for number, receipt in enumerate([None, *receipts_in_order(book)]):
        if receipt is not None:
            refill = min(missing, receipt.quantity)
            missing -= refill
            pile += receipt.quantity - refill
        for key in queue:
            want = wants[key]
            if not want:
                continue
            part = policy.rule_of(*by_key[key]).portion(want, pile)
            wants[key] -= part
            pile -= part
            into = later if number else first
            into[key] = into.get(key, 0) + part
            if policy.waits and part < want:
                break
    return first, later


@pytest.mark.parametrize(
    "policy",
    [RULED["whole"], RULED["whole-strict"], RULED["minimum-strict"], RULED["mixed"]],
    ids=lambda policy: policy.name,
)
@given(book=ONE_POOL)
@examples(60)
def test_one_pool_is_walked_as_by_hand(book: Snapshot, policy: Shipping) -> None:
    made = plan(book, policy=policy)

    first, later = by_hand(book, policy)

    assert +granted(made) == +Counter(first)
    assert +promised(made) == +Counter(later)


@for_every_strict
@given(book=ONE_KIND)
@examples(40)
def test_one_unit_more_takes_nothing_from_a_queue_that_waits(
    book: Snapshot, policy: Shipping
) -> None:
    """
    Whole lines and packs, where lines are all free, or all bound, or share one location.
    """
    before = plan(book, policy=policy)

    for richer in with_one_more(book):
        assert_nobody_lost(before, plan(richer, policy=policy))


@for_every_strict
@given(book=ONE_POOL)
@examples(30)
def test_a_queue_that_waits_may_get_its_stock_in_parts(book: Snapshot, policy: Shipping) -> None:
    bare(test_parts.test_stock_of_one_location_may_come_in_parts)(book=book, policy=policy)


@pytest.mark.parametrize(
    "within", [Fifo(), Priority(), FairShare()], ids=lambda within: within.name
)
@given(book=snapshots())
@examples(60)
def test_a_rule_that_lets_every_part_go_changes_nothing(
    book: Snapshot, within: AllocationPolicy
) -> None:
    ruled, plain = plan(book, policy=Shipping(within, rule=ShipRule())), plan(book, policy=within)

    assert ruled.changes == plain.changes
    assert [line.blockers for line in ruled.lines] == [line.blockers for line in plain.lines]
