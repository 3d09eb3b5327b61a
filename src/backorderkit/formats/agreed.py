"""Gives the checker the rules of a plan, as plain values of its own."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from backorderkit.checking.rules import (
    AgreedBuffer,
    AgreedCondition,
    AgreedContract,
    AgreedFreeze,
    AgreedProtection,
    AgreedQuota,
    AgreedReserve,
    AgreedRules,
    AgreedSegment,
    AgreedShipping,
    AgreedTogether,
)
from backorderkit.errors import InvalidValueError
from backorderkit.model.orders import Order, OrderLine
from backorderkit.policies import (
    Buffer,
    Condition,
    Protection,
    Quota,
    Reserve,
    RuleOf,
    Rules,
    Segment,
    Shipping,
    ShipRule,
    Together,
)
from backorderkit.policies.ranked import serves_in_order
from backorderkit.policies.rules import as_rules


def rules_to_check(rules: Rules | Shipping) -> AgreedRules:
    """
    Give rules as the checker understands them, for `check_plan`.

    It copies what is written there and nothing else: which line is in which segment, what
    a quota has room for and all else the checker works out by itself.

    Args:
        rules: By which a plan was made.

    Raises:
        InvalidValueError: if they are none.

    >>> from backorderkit.policies import Fifo
    >>> rules_to_check(Rules(Fifo(), waits=True)).waits
    True
    """
    taken = as_rules(rules) if isinstance(rules, Rules | Shipping) else None
    if taken is None:
        raise InvalidValueError(field="rules", value=rules, reason="must be Rules or Shipping")
    return _agreed(taken)


def _agreed(rules: Rules) -> AgreedRules:
    policies = [rules.within, *(each.policy for each in rules.segments if each.policy)]
    return AgreedRules(
        segments=tuple(map(_segment, rules.segments)),
        quotas=tuple(map(_quota, rules.quotas)),
        protections=tuple(map(_protection, rules.protections)),
        buffers=tuple(map(_buffer, rules.buffers)),
        reserve=_reserve(rules.reserve),
        shipping=_shipping_of(rules.ship),
        waits=rules.waits,
        in_order=all(map(serves_in_order, policies)),
        together=_together(rules.together) if rules.together else None,
        freeze=AgreedFreeze(
            lines=rules.frozen.lines,
            orders=rules.frozen.orders,
            within_days=rules.frozen.within_days,
            by=rules.frozen.by,
        ),
    )


def _segment(segment: Segment) -> AgreedSegment:
    contract = segment.contract
    return AgreedSegment(
        name=segment.name,
        include=tuple(map(_condition, segment.include)),
        exclude=tuple(map(_condition, segment.exclude)),
        contract=AgreedContract(floor=contract.floor, cap=contract.cap) if contract else None,
        shipping=_shipping(segment.ship) if segment.ship else None,
        reserve=_reserve(segment.reserve) if segment.reserve else None,
    )


def _condition(condition: Condition) -> AgreedCondition:
    return AgreedCondition(
        attribute=condition.attribute,
        one_of=condition.one_of,
        starts_with=condition.starts_with,
        least=condition.least,
        most=condition.most,
        from_day=condition.from_day,
        to_day=condition.to_day,
        given=condition.given,
    )


def _shipping(rule: ShipRule) -> AgreedShipping:
    return AgreedShipping(whole=rule.whole, minimum=rule.minimum, multiple=rule.multiple)


def _shipping_of(
    rule: ShipRule | RuleOf,
) -> Callable[[Order, OrderLine], AgreedShipping]:
    """Ask the host's function, if it is one."""
    if isinstance(rule, ShipRule):
        common = _shipping(rule)
        return lambda order, line: common  # noqa: ARG005 - it is the same for all
    return lambda order, line: _shipping(rule(order, line))


def _together(together: Together) -> AgreedTogether:
    return AgreedTogether(group_of=together.group_of, shipments=together.shipments)


def _reserve(reserve: Reserve) -> AgreedReserve:
    return AgreedReserve(method=reserve.method, days=reserve.days)


def _quota(quota: Quota) -> AgreedQuota:
    return AgreedQuota(
        name=quota.name,
        by=quota.by,
        rooms=quota.rooms,
        period=quota.period,
        back=quota.back,
        ahead=quota.ahead,
        factor=quota.factor,
        skus=quota.skus,
        used=quota.used,
    )


def _protection(protection: Protection) -> AgreedProtection:
    return AgreedProtection(
        name=protection.name,
        group={str(name): values for name, values in protection.group.items()},
        quantity=protection.quantity,
        rank=protection.rank,
        family=protection.family,
        from_day=protection.from_day,
        until=protection.until,
        skus=protection.skus,
        used=protection.used,
        restricted=protection.own == "restricted",
    )


def _buffer(buffer: Buffer) -> AgreedBuffer:
    return AgreedBuffer(
        name=buffer.name,
        percent=Fraction(buffer.percent),
        of=buffer.of,
        skus=buffer.skus,
        locations=buffer.locations,
    )
