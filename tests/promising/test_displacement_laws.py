"""What holds of every displacement, over generated books."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import combinations

import attrs
from hypothesis import assume, given
from hypothesis import strategies as st

from backorderkit import (
    Allocation,
    AllocationPolicy,
    Backorder,
    FairShare,
    Fifo,
    KeepPromises,
    LineId,
    Order,
    OrderLine,
    Priority,
    Shipping,
    ShipRule,
    Snapshot,
    apply,
    plan,
)
from backorderkit.policies import Frozen
from backorderkit.promising import VICTIM_ORDERS, Displacement, VictimOrder, displace
from backorderkit.testing import AS_OF, snapshots
from tests.laws.books import Key, lines_of
from tests.laws.policies import examples

POLICIES: list[AllocationPolicy] = [
    Fifo(),
    Priority(within=FairShare()),
    Shipping(Fifo(), rule=ShipRule(whole=True)),
    KeepPromises(Priority()),
    KeepPromises(Fifo(), disturb="fewest-lines"),
]
ONE_POOL = snapshots(
    skus=["MUG"], bound=False, locations=["MAIN"], max_orders=6, safety_stock=False
)
BOOKS = st.one_of(snapshots(skus=["MUG"], max_orders=5), snapshots(max_orders=5), ONE_POOL)
DAYS = st.sampled_from((None, 0, 1, 3, 9))


def is_kept(policy: AllocationPolicy) -> bool:
    return isinstance(policy, KeepPromises)


@attrs.frozen
class Asked:
    """One question, and its answer."""

    start: Snapshot
    planned: Snapshot
    policy: AllocationPolicy
    key: Key
    frozen: frozenset[Key]
    victims: VictimOrder
    by: datetime | None
    found: Displacement[Snapshot]


@st.composite
def questions(draw: st.DrawFn, *, victims: VictimOrder | None = None, kept: bool = False) -> Asked:
    start = draw(ONE_POOL if kept else BOOKS)
    lines = lines_of(start)
    assume(lines)
    policy = draw(st.sampled_from([each for each in POLICIES if not kept or is_kept(each)]))
    planned = plan(start, policy=policy).outcome
    start = draw(st.sampled_from((start, planned, planned)))
    waiting = [key for key in sorted(lines) if planned.line(*key).unallocated]
    key = draw(st.sampled_from(waiting or sorted(lines)))
    frozen = frozenset(draw(st.lists(st.sampled_from(sorted(lines)), max_size=2)))
    days = draw(DAYS) if isinstance(policy, KeepPromises) else None
    by = None if days is None else AS_OF + timedelta(days=days)
    want = start.line(*key).unallocated
    units = draw(st.one_of(st.none(), st.integers(1, want))) if want else None
    chosen = draw(st.sampled_from(VICTIM_ORDERS)) if victims is None else victims
    found = displace(
        start,
        *key,
        policy=policy,
        units=units,
        by=by,
        frozen=Frozen(lines=frozen),
        victims=chosen,
    )
    return Asked(start, planned, policy, key, frozen, chosen, by, found)


def held(book: Snapshot) -> Counter[Key]:
    """What lines hold."""
    sums = Counter[Key]()
    for each in book.allocations:
        sums[each.order, each.line] += each.quantity
    return sums


def in_time(book: Snapshot, key: Key, by: datetime | None) -> int:
    """What a line holds, and is promised by the end of a day."""
    return held(book)[key] + sum(
        promise.quantity
        for known in book.backorders
        if (known.order, known.line) == key and by is not None
        for promise in known.promises
        if promise.due.date() <= by.date()
    )


def of_use(asked: Asked) -> Counter[Key]:
    """What other lines have that the target could use in time, frozen or not."""
    book, target = asked.planned, lines_of(asked.planned)[asked.key][1]
    lines, usable = lines_of(book), {None, target.location}
    receipts = {receipt.id: receipt for receipt in book.receipts}
    sums = Counter[Key]()
    for each in book.allocations:
        if target.location is None or each.location in usable:
            sums[each.order, each.line] += each.quantity
    for known in book.backorders:
        for promise in known.promises if asked.by is not None else ():
            if promise.receipt is None:
                continue
            at = receipts[promise.receipt].location
            soon = asked.by is not None and promise.due.date() <= asked.by.date()
            if soon and (target.location is None or at in usable):
                sums[known.order, known.line] += promise.quantity
    return Counter(
        {
            key: units
            for key, units in sums.items()
            if key != asked.key and key in lines and lines[key][1].sku == target.sku
        }
    )


def free(asked: Asked) -> int:
    """What nobody has where the target could use it."""
    target = lines_of(asked.planned)[asked.key][1]
    return sum(
        position.available
        for position in asked.planned.positions
        if position.sku == target.sku and target.location in {None, position.location}
    )


def other_skus(book: Snapshot, sku: str) -> list[Allocation | Backorder]:
    """All that is known of lines of other SKUs."""
    lines = lines_of(book)
    known: list[Allocation | Backorder] = [*book.allocations, *book.backorders]
    return [
        each
        for each in known
        if (each.order, each.line) in lines and lines[each.order, each.line][1].sku != sku
    ]


@given(asked=questions())
@examples(40)
def test_the_changes_give_the_outcome_and_planning_again_changes_nothing(asked: Asked) -> None:
    found = asked.found
    line = lines_of(asked.start)[asked.key][1]

    assert apply(asked.start, found.changes) == found.outcome
    assert plan(found.outcome, policy=asked.policy, skus=[line.sku]).changes == ()
    assert other_skus(found.outcome, line.sku) == other_skus(asked.start, line.sku)


@given(asked=questions())
@examples(50)
def test_what_is_taken_is_what_it_lacks_or_all_that_there_is(asked: Asked) -> None:
    """
    Never from frozen lines, never more than needed, never above what the line wants.
    """
    found, before = asked.found, asked.planned
    there = of_use(asked)
    had = in_time(before, asked.key, asked.by) - held(asked.start)[asked.key]
    lack = max(0, found.wanted - had)
    may = sum(units for key, units in there.items() if key not in asked.frozen)

    taken = {(each.order, each.line): each.taken + each.taken_promises for each in found.victims}

    # The last units that come in time are not known to be free.
    assert sum(taken.values()) == min(max(0, lack - free(asked)), may)
    assert not asked.frozen & set(taken)
    assert all(0 < units <= there[key] for key, units in taken.items())
    line = found.outcome.line(*asked.key)
    assert line.unallocated >= 0
    assert 0 <= found.reached <= found.wanted
    assert found.is_met == (found.reached == found.wanted)


@given(asked=questions())
@examples(40)
def test_who_is_no_victim_holds_what_it_held(asked: Asked) -> None:
    before, after = held(asked.planned), held(asked.found.outcome)
    taken = {(each.order, each.line): each.taken for each in asked.found.victims}
    sku = lines_of(asked.start)[asked.key][1].sku

    for key, (_, line) in lines_of(asked.start).items():
        if line.sku == sku:
            assert after[key] >= before[key] - taken.get(key, 0)


@given(asked=st.one_of(questions(), questions(kept=True)))
@examples(40)
def test_the_aim_is_met_as_far_as_units_were_taken(asked: Asked) -> None:
    """
    By the outcome alone; where promises are taken, among lines that share all supply.
    """
    found = asked.found
    bound = {line.location for _, line in lines_of(asked.start).values()}
    assume(asked.by is None or len(bound) == 1)

    has = in_time(found.outcome, asked.key, asked.by) - held(asked.start)[asked.key]
    had = in_time(asked.planned, asked.key, asked.by) - held(asked.start)[asked.key]
    taken = sum(each.taken + each.taken_promises for each in found.victims)

    assert found.reached == min(found.wanted, has)
    assert has >= min(found.wanted, had + taken)


@given(asked=questions(kept=True))
@examples(40)
def test_where_promises_are_kept_only_victims_get_later(asked: Asked) -> None:
    assert not any(slip.is_worse for each in asked.found.others for slip in each.slips)


@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=7),
    lacking=st.integers(1, 12),
    picked=st.sets(st.integers(0, 6), max_size=2),
)
def test_the_fewest_victims_are_as_few_as_can_be(
    sizes: list[int], lacking: int, picked: set[int]
) -> None:
    """
    Everybody has what they want but the youngest, who takes from as few as any subset allows.
    """
    orders = [
        Order.of(f"SO-{number}", "2026-01-02", {"MUG": units})
        for number, units in enumerate([*sizes, lacking])
    ]
    book = Snapshot.of(as_of=AS_OF, stock={"MUG": sum(sizes)}, orders=orders)
    start = plan(book, policy=Fifo()).outcome
    frozen = Frozen(orders=[orders[number].id for number in picked if number < len(sizes)])
    may = [units for number, units in enumerate(sizes) if number not in picked]

    found = displace(
        start, orders[-1].id, LineId("1"), policy=Fifo(), frozen=frozen, victims="fewest"
    )

    assert found.reached == min(lacking, sum(may))
    assert len(found.victims) == next(
        count
        for count in range(len(may) + 1)
        if any(sum(some) >= found.reached for some in combinations(may, count))
    )


def cost(found: Displacement[Snapshot]) -> tuple[int, int, int]:
    """What it costs others: units without a date, too late, and days."""
    slips = [slip for each in (*found.victims, *found.others) for slip in each.slips]
    worse = [slip for slip in slips if slip.is_worse]
    return (
        sum(slip.quantity for slip in worse if slip.after is None),
        sum(slip.quantity for slip in worse if slip.missed and not slip.missed_before),
        sum(slip.quantity * (slip.days_later or 0) for slip in worse),
    )


@given(asked=questions(victims="least-disturbing"))
@examples(20)
def test_no_line_alone_would_disturb_less_than_the_least_disturbing(asked: Asked) -> None:
    """
    Each line that could give all is tried alone: by another way, permission.
    """
    assume(not asked.frozen)
    need = sum(each.taken + each.taken_promises for each in asked.found.victims)
    for key, units in of_use(asked).items():
        if units < need:
            continue

        def only(order: Order, line: OrderLine, key: Key = key) -> bool:
            return (order.id, line.id) == key

        alone = displace(
            asked.start,
            *asked.key,
            policy=asked.policy,
            units=asked.found.wanted or None,
            by=asked.by,
            may=only,
        )
        assert cost(asked.found) <= cost(alone)


@given(asked=questions())
@examples(12)
def test_the_order_of_input_changes_nothing(asked: Asked) -> None:
    start = asked.start
    mixed = attrs.evolve(
        start,
        orders=start.orders[::-1],
        allocations=start.allocations[::-1],
        backorders=start.backorders[::-1],
        receipts=start.receipts[::-1],
    )

    again = displace(
        mixed,
        *asked.key,
        policy=asked.policy,
        units=asked.found.wanted or None,
        by=asked.by,
        frozen=Frozen(lines=asked.frozen),
        victims=asked.victims,
    )

    assert again.changes == asked.found.changes
