"""What an allocation policy is asked, and what it must answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Final, Protocol, runtime_checkable

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, check_whole, raise_first, refuse
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.orders import DEFAULT_PRIORITY, Order, OrderLine

FifoKey = tuple[datetime, int, str, str]
"""placed_at, sequence, order id, line id: total, and never the quantity."""


def fifo_key(order: Order, line: OrderLine) -> FifoKey:
    """Give what first come, first served goes by: `Demand.fifo_key`."""
    return line.placed_at or order.placed_at, order.sequence, order.id, line.id


@attrs.frozen(kw_only=True)
class Demand:
    """
    One line that wants part of some supply.

    Attributes:
        order: The whole order, with customer, channel, priority and times.
        line: The line of it, with SKU, location, price and requested date.
        got: What the line has already: shipped + allocated + promised so far.
        limit: The most it may be given now.  The order of service must not look
            at this: it only caps.
    """

    order: Order
    line: OrderLine
    got: int
    limit: int

    @classmethod
    def of(
        cls,
        id: str,  # noqa: A002 - the documents' name
        *,
        claim: int,
        got: int = 0,
        limit: int | None = None,
        priority: int = DEFAULT_PRIORITY,
        placed_at: datetime = datetime(2026, 1, 1, tzinfo=UTC),
        customer: str = "",
        channel: str = "",
    ) -> Demand:
        """
        Make a demand without an order around it, for tests of a policy.

        Args:
            id: The order's id; the line is ``"1"``, the SKU ``"SKU"``.
            claim: What it stands for in all.
            got: What it has already.
            limit: The most it may be given now; claim - got if absent.
            priority: 1 is served first.
            placed_at: When it came; demands of one moment go by id.
            customer: Whose it is.
            channel: Through which channel it came.

        Raises:
            InvalidValueError: if claim < 1, or got or limit lie outside of it.

        >>> Demand.of("A", claim=5, got=2).limit
        3
        """
        line = OrderLine(id=LineId("1"), sku=Sku("SKU"), ordered=claim)
        order = Order(
            id=OrderId(id),
            customer=customer,
            channel=channel,
            placed_at=placed_at,
            priority=priority,
            lines=(line,),
        )
        problems: Problems = []
        check_whole(problems, "got", got, least=0)
        if not problems and got > claim:
            refuse(problems, "got", got, f"must be <= claim = {claim}")
        raise_first(problems)
        limit = claim - got if limit is None else limit
        check_whole(problems, "limit", limit, least=0)
        if not problems and got + limit > claim:
            refuse(problems, "limit", limit, f"must be <= claim - got = {claim - got}")
        raise_first(problems)
        return cls(order=order, line=line, got=got, limit=limit)

    @property
    def claim(self) -> int:
        """What the line still stands for: ordered - cancelled."""
        return self.line.claim

    @property
    def priority(self) -> int:
        """The order's priority; 1 is served first."""
        return self.order.priority

    @property
    def placed_at(self) -> datetime:
        """When its units were asked for: the line's own time, or else the order's."""
        return self.line.placed_at or self.order.placed_at

    @property
    def fifo_key(self) -> FifoKey:
        """First come, first served, down to the line id."""
        return fifo_key(self.order, self.line)


@runtime_checkable
class AllocationPolicy(Protocol):
    """
    Shares one amount of supply of one SKU among the lines that want it.

    Clauses; `plan` checks P1, P2, P3 and P5 on every answer, and
    `backorderkit.testing.check_policy` checks all of them:

    P1
        One share for each demand, in the order in which they were given.
    P2
        Each share is an int with 0 <= share <= the demand's limit.
    P3
        The shares' sum is at most the supply.
    P4
        The answer depends on the demands as a set: in another order each demand
        gets the same.  Ties end at `Demand.fifo_key`, which no two share.
    P5
        While a demand is below its limit no unit stays over, unless the policy
        says ``holds_back = True``.
    P6
        The same question gets the same answer: no clock, no randomness, nothing
        remembered between calls.

    The order of service must not look at a demand's ``limit``, which is lower where
    a line is bound to a location that has little: see `Law.LIMITS_ONLY_CAP`.

    Optional attributes: ``name`` (a str, shown in plans; else the class name),
    ``holds_back`` (a bool) and ``laws`` (a frozenset of `Law`), the further laws
    that the policy keeps and `check_policy` holds it to.

    >>> class Newest:
    ...     def share(self, supply, demands, /):
    ...         shares = [0] * len(demands)
    ...         newest = sorted(enumerate(demands), key=lambda d: d[1].fifo_key, reverse=True)
    ...         for place, demand in newest:
    ...             shares[place] = min(demand.limit, supply)
    ...             supply -= shares[place]
    ...         return shares
    >>> Newest().share(3, [Demand.of("A", claim=2), Demand.of("B", claim=2)])
    [1, 2]
    """

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        """Answer with the share of each demand."""
        ...


class Law(Enum):
    """
    Further laws that a policy may declare, beyond the clauses.

    All built-in policies keep all of them, but for strategy-proofness, which
    only those keep that do not look at how much was ordered, and but for consistency
    where a class that cannot be served whole stops.
    """

    MONOTONE = "monotone"
    """One more unit of supply lowers nobody's share."""

    POPULATION_MONOTONE = "population monotone"
    """When a demand goes away, nobody else gets less."""

    CONSISTENT = "consistent"
    """When some leave with what they got, sharing the rest anew changes nothing."""

    PATH_INDEPENDENT = "path independent"
    """Supply that comes in parts is shared as if it had come at once."""

    LIMITS_ONLY_CAP = "limits only cap"
    """When a demand may get less, nobody else gets less: its limit decides no order."""

    STRATEGY_PROOF = "strategy-proof"
    """Whoever asks for more or less than wanted does not get more of what is wanted."""


ALL_LAWS: Final = frozenset(Law)
"""Every further law there is."""


def require_policy(policy: object, *, field: str = "policy") -> None:
    """
    Refuse what is no policy, such as the class of one.

    Raises:
        InvalidValueError: if it is none.
    """
    shares = isinstance(policy, AllocationPolicy) and callable(policy.share)
    if isinstance(policy, type) or not shares:
        reason = "must be a policy: an object with share(supply, demands)"
        raise InvalidValueError(field=field, value=policy, reason=reason)


def policy_name(policy: AllocationPolicy) -> str:
    """Give a policy's own name, or else that of its class."""
    name = getattr(policy, "name", None)
    return name if isinstance(name, str) and name else type(policy).__name__


def holds_back(policy: AllocationPolicy) -> bool:
    """Tell whether a policy says that it may leave units over."""
    return getattr(policy, "holds_back", False) is True


def declared_laws(policy: AllocationPolicy) -> frozenset[Law]:
    """
    Give the further laws that a policy says it keeps.

    Raises:
        InvalidValueError: if it declares what is no `Law`.
    """
    laws: object = getattr(policy, "laws", ())
    if isinstance(laws, Iterable) and not isinstance(laws, str):
        declared = tuple(laws)
        if all(isinstance(law, Law) for law in declared):
            return frozenset(declared)
    raise InvalidValueError(field="laws", value=laws, reason="must be members of Law")
