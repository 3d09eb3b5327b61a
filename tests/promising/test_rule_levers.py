"""What it would take, where rules stand in the way."""

from __future__ import annotations

from hypothesis import given

from backorderkit import (
    Fifo,
    LineId,
    Order,
    OrderId,
    Plan,
    Protection,
    Quota,
    Rules,
    Snapshot,
    plan,
)
from backorderkit.policies import ShipRule
from backorderkit.promising import Answer, LessProtected, RaisedQuota, what_would_it_take
from backorderkit.testing import snapshots
from tests.laws.policies import examples
from tests.laws.rules import rules


def book(*orders: Order, stock: int) -> Snapshot:
    return Snapshot.of(as_of="2026-01-05", stock={"MUG": stock}, orders=orders)


def answers(shop: Snapshot, by: Rules) -> dict[str, Answer]:
    found = what_would_it_take(shop, OrderId("SO-1"), LineId("1"), policy=by)
    return {each.kind: each for each in found.answers}


def test_the_quota_that_stands_in_the_way_is_to_be_raised_by_what_is_missing() -> None:
    shop = book(Order.of("SO-1", "2026-01-02", {"MUG": 30}, channel="web"), stock=40)
    web = Quota(name="web", by=["channel"], rooms={("web",): 20}, period=None)

    found = answers(shop, Rules(Fifo(), quotas=[web]))

    assert found["quota"].remedy == RaisedQuota(quota="web", values=("web",), quantity=10)
    assert found["quota"].is_least
    assert "on-hand" not in found


def test_a_wildcard_entry_is_raised_and_a_factor_counts() -> None:
    shop = book(Order.of("SO-1", "2026-01-02", {"MUG": 12}, channel="web"), stock=40)
    truck = Quota(name="truck", by=["channel"], rooms={("*",): 20}, period=None, factor=2)

    remedy = answers(shop, Rules(Fifo(), quotas=[truck]))["quota"].remedy

    assert remedy == RaisedQuota(quota="truck", values=("*",), quantity=4)


def test_a_quota_that_is_not_in_the_way_is_left_alone() -> None:
    shop = book(Order.of("SO-1", "2026-01-02", {"MUG": 30}, channel="web"), stock=10)
    wide = Quota(name="web", by=["channel"], rooms={("web",): 99}, period=None)
    other = Quota(name="shop", by=["channel"], rooms={("shop",): 1}, period=None)

    found = answers(shop, Rules(Fifo(), quotas=[wide, other]))

    assert "quota" not in found
    assert "on-hand" in found


def test_less_may_be_protected_for_others() -> None:
    shop = book(Order.of("SO-1", "2026-01-02", {"MUG": 30}), stock=40)
    held = Protection(name="shops", group={"channel": ["shop"]}, quantity=15)

    found = answers(shop, Rules(Fifo(), protections=[held]))

    assert found["protection"].remedy == LessProtected(protection="shops", quantity=5)


@given(book=snapshots(skus=["MUG"], max_orders=4), by=rules())
@examples(40)
def test_what_is_answered_comes_true(book: Snapshot, by: Rules) -> None:
    """Each answer, applied and planned, gives the line all it is owed."""
    if by.together is not None:
        return
    waiting = [line for line in plan(book, policy=by).lines if line.backordered]
    for line in waiting[:1]:
        found = what_would_it_take(book, line.order, line.line, policy=by)
        for answer in found.answers:
            changed, policy = answer.apply(book, by)
            then = plan(changed, policy=policy)
            served = _of(then, line.order, line.line)
            assert served == answer.outcome.allocated, answer


def _of(made: Plan, order: OrderId, line: LineId) -> int:
    return next(
        (each.allocated for each in made.lines if (each.order, each.line) == (order, line)), 0
    )


def test_rules_without_limits_offer_none() -> None:
    shop = book(Order.of("SO-1", "2026-01-02", {"MUG": 30}), stock=10)

    found = answers(shop, Rules(Fifo(), ship=ShipRule(whole=True)))

    assert not {"quota", "protection"} & set(found)
