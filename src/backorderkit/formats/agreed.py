"""Gives the checker the rules of a plan, as plain values of its own."""

from __future__ import annotations

from fractions import Fraction

from backorderkit.checking.rules import (
    AgreedBuffer,
    AgreedCondition,
    AgreedContract,
    AgreedProtection,
    AgreedQuota,
    AgreedReserve,
    AgreedRules,
    AgreedSegment,
    AgreedShipping,
)
from backorderkit.errors import InvalidValueError
from backorderkit.policies import (
    Buffer,
    Condition,
    Protection,
    Quota,
    Reserve,
    Rules,
    Segment,
    ShipRule,
)
from backorderkit.policies.ranked import serves_in_order


def rules_to_check(rules: Rules) -> AgreedRules:
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
    if not isinstance(rules, Rules):
        raise InvalidValueError(field="rules", value=rules, reason="must be Rules")
    policies = [rules.within, *(each.policy for each in rules.segments if each.policy)]
    return AgreedRules(
        segments=tuple(map(_segment, rules.segments)),
        quotas=tuple(map(_quota, rules.quotas)),
        protections=tuple(map(_protection, rules.protections)),
        buffers=tuple(map(_buffer, rules.buffers)),
        reserve=_reserve(rules.reserve),
        shipping=_shipping(rules.ship),
        waits=rules.waits,
        in_order=all(map(serves_in_order, policies)),
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
