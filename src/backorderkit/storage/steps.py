"""What the service does between two calls of a store; it decides nothing and waits for nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import attrs

from backorderkit.changes import Fact
from backorderkit.commands import (
    AddLine,
    AdjustStock,
    CancelOrder,
    CancelReceipt,
    Command,
    Expire,
    ExtendHold,
    HoldStock,
    PlaceOrder,
    PlaceOrders,
    Reassign,
    ReceiveReceipt,
    ReceiveStock,
    ReleaseHold,
    ReleaseOrder,
    Replan,
    ScheduleReceipt,
    ShipOrder,
    TransferStock,
)
from backorderkit.errors import DuplicateError, InvalidValueError, StoreError
from backorderkit.model._checks import Problems, check_text, raise_first
from backorderkit.planning import Shortage, answer
from backorderkit.planning.carrying_out import named_orders
from backorderkit.policies import AllocationPolicy, Placing
from backorderkit.policies.rules import Rules
from backorderkit.policies.sourcing import IN_LOCATION_ORDER
from backorderkit.storage.protocol import Commit, Committed, Loaded, Wanted

PATIENCE: Final = timedelta(seconds=2)
"""How long a command is tried again: on a hot SKU dozens of commits may come before it."""

_LONGEST_PAUSE: Final = 0.010


def require_untied(policy: object) -> None:
    """
    Refuse rules that tie SKUs: of a command's SKUs alone no plan can be made by them.

    Raises:
        InvalidValueError: if lines ship together by them.
    """
    if isinstance(policy, Rules) and policy.together is not None:
        reason = "must tie no SKUs by together: a store is asked for those of a command alone"
        raise InvalidValueError(field="policy", value=policy, reason=reason)


@attrs.frozen(kw_only=True)
class Done:
    """
    What a command did to a store.

    Attributes:
        key: Its key.
        changes: All that changed; nothing if it was refused.
        refusal: Why it was refused, line by line; nothing if it was not.
        sequence: Its place among all commits of the store; None if it was refused.
    """

    key: str
    changes: tuple[Fact, ...] = ()
    refusal: tuple[Shortage, ...] = ()
    sequence: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether it was carried out."""
        return not self.refusal


def wanted_by(command: Command) -> Wanted:
    """Say what a command needs to know."""
    match command:
        case PlaceOrder() | PlaceOrders():
            skus = {line.sku for order in command.orders for line in order.lines}
            orders = {order.id for order in command.orders}
            return Wanted(skus=skus, orders=orders, holds=command.holds)
        case CancelOrder() | ShipOrder() | ReleaseOrder() | Reassign():
            return Wanted(orders=named_orders(command))
        case AddLine():
            return Wanted(skus={command.line.sku}, orders={command.order})
        case ScheduleReceipt():
            return Wanted(skus={command.receipt.sku}, receipts={command.receipt.id})
        case ReceiveReceipt() | CancelReceipt():
            return Wanted(receipts={command.receipt})
        case ReceiveStock() | AdjustStock() | TransferStock():
            return Wanted(skus={command.sku})
        case HoldStock():
            return Wanted(skus={sku for sku, _, _ in command.units}, holds={command.id})
        case ExtendHold() | ReleaseHold():
            return Wanted(holds={command.id})
        case Expire() | Replan():
            return Wanted(skus=command.skus)


def require_key(key: object) -> None:
    """
    Refuse what is no key.

    Raises:
        InvalidValueError: if it is no text.
    """
    problems: Problems = []
    check_text(problems, "key", key)
    raise_first(problems)


def longest_pause(tries: int) -> float:
    """Give the most seconds to wait after so many tries that failed."""
    return min(_LONGEST_PAUSE, 0.001 * (1 << min(tries, 10)))


def proposed(
    command: Command,
    key: str,
    loaded: Loaded,
    moment: datetime,
    policy: AllocationPolicy,
    *,
    placing: Placing = IN_LOCATION_ORDER,
) -> Commit | Done:
    """Work out what a command comes to: what is to be committed, or its refusal."""
    found = answer(loaded.snapshot.at(moment), command, policy=policy, placing=placing)
    if not found.accepted:
        return Done(key=key, refusal=found.refusal)
    return Commit(
        key=key,
        command=command,
        as_of=moment,
        versions=loaded.versions,
        facts=found.changes,
    )


def done(made: Committed, command: Command) -> Done:
    """
    Say what a commit did, whoever made it.

    Raises:
        DuplicateError: if it was made for another command.
    """
    if made.command != command:
        raise DuplicateError(f"key {made.key} was used for another command")
    return Done(key=made.key, changes=made.facts, sequence=made.sequence)


class Proposal:
    """What a locking store is given to call: it notes a refusal, since that is not written."""

    def __init__(
        self,
        command: Command,
        key: str,
        clock: Callable[[], datetime],
        policy: AllocationPolicy,
        *,
        placing: Placing = IN_LOCATION_ORDER,
    ) -> None:
        """Take what is asked for."""
        self._command = command
        self._key = key
        self._clock = clock
        self._policy = policy
        self._placing = placing
        self._refused: Done | None = None

    def __call__(self, loaded: Loaded) -> Commit | None:
        """Work out what is to be committed; None if it is refused."""
        found = proposed(
            self._command,
            self._key,
            loaded,
            self._clock(),
            self._policy,
            placing=self._placing,
        )
        self._refused = found if isinstance(found, Done) else None
        return None if isinstance(found, Done) else found

    def done(self, made: Committed | None) -> Done:
        """
        Say what came of it.

        Raises:
            DuplicateError: if the key was used for another command.
            StoreError: if the store neither asked nor answered.
        """
        if made is not None:
            return done(made, self._command)
        if self._refused is None:
            raise StoreError("the store wrote nothing, and nothing was refused")
        return self._refused
