"""Hypothesis strategies: whole books of orders, and single questions for a policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from backorderkit.commands import Command
from backorderkit.errors import InvalidValueError
from backorderkit.model import Location, Sku, Snapshot
from backorderkit.policies import Demand
from backorderkit.testing._books import Scope, books
from backorderkit.testing._commands import Names, command_about
from backorderkit.testing._questions import demand_lists, supplies

_Choice = TypeVar("_Choice")

AS_OF: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""The moment of generated snapshots, unless another is asked for."""


def snapshots(
    *,
    skus: Sequence[str] = ("BOWL", "MUG"),
    locations: Sequence[str] = ("EAST", "MAIN"),
    max_orders: int = 4,
    max_lines: int = 2,
    max_quantity: int = 6,
    receipts: int = 3,
    allocations: int = 3,
    memory: int = 3,
    holds: int = 2,
    bound: bool | None = None,
    safety_stock: bool = True,
    items: bool = True,
    as_of: datetime = AS_OF,
) -> SearchStrategy[Snapshot]:
    """
    Draw valid books of orders, full of shortages, ties, overdue receipts and old sins.

    Args:
        skus: What may be traded; at least one.
        locations: Where stock may be; at least one.
        max_orders: At most so many orders.
        max_lines: At most so many lines an order.
        max_quantity: At most so much of anything; small numbers make ties common.
        receipts: At most so many scheduled receipts.
        allocations: At most so many old allocations.
        memory: At most so many remembered backorders.
        holds: At most so many holds, lapsed or not, of more than there is or not.
        bound: True binds every line to a location, False none; None draws it.
        safety_stock: Whether pools may have some.
        items: Whether some books list their items, one with decimals.
        as_of: The moment of the snapshots; other times lie around it.

    Raises:
        InvalidValueError: if there is nothing to draw a part from, or no moment.

    >>> from hypothesis import given
    >>> from backorderkit import Fifo, plan
    >>> @given(snapshots(skus=["MUG"], receipts=0))
    ... def test_fifo_leaves_nothing_promised_without_receipts(snapshot):
    ...     assert all(not line.promises for line in plan(snapshot, policy=Fifo()).lines)
    >>> test_fifo_leaves_nothing_promised_without_receipts()
    """
    scope = Scope(
        skus=tuple(map(Sku, _named("skus", skus))),
        locations=tuple(map(Location, _named("locations", locations))),
        max_orders=max_orders,
        max_lines=max_lines,
        max_quantity=max_quantity,
        receipts=receipts,
        allocations=allocations,
        memory=memory,
        holds=holds,
        bound=bound,
        safety_stock=safety_stock,
        items=items,
        as_of=as_of,
    )
    return books(scope)


def commands_for(snapshot: Snapshot) -> SearchStrategy[Command]:
    """
    Draw commands about what is there: all kinds, large and small.

    Most can be carried out on the snapshot, some are refused, some do not fit.

    Args:
        snapshot: What is true.

    Raises:
        InvalidValueError: if it is no snapshot.

    >>> from hypothesis import given, strategies
    >>> from backorderkit import Fifo, InvalidInputError, answer, plan
    >>> @given(snapshots(), strategies.data())
    ... def test_an_accepted_command_leaves_nothing_to_plan(snapshot, data):
    ...     before = plan(snapshot, policy=Fifo()).outcome
    ...     try:
    ...         found = answer(before, data.draw(commands_for(before)), policy=Fifo())
    ...     except InvalidInputError:
    ...         return
    ...     assert not plan(found.outcome, policy=Fifo()).changes
    >>> test_an_accepted_command_leaves_nothing_to_plan()
    """
    if not isinstance(snapshot, Snapshot):
        raise InvalidValueError(field="snapshot", value=snapshot, reason="must be a Snapshot")
    return _commands(Names.of(snapshot))


@attrs.frozen
class _Drawn:
    """Chooses as Hypothesis would have it, so that what fails gets small."""

    draw: st.DrawFn

    def choice(self, seq: Sequence[_Choice], /) -> _Choice:
        return self.draw(st.sampled_from(seq))

    def randint(self, a: int, b: int, /) -> int:
        return self.draw(st.integers(a, b))


@st.composite
def _commands(draw: st.DrawFn, names: Names) -> Command:
    return command_about(names, _Drawn(draw))


def demands(
    *,
    min_demands: int = 1,
    max_demands: int = 4,
    max_claim: int = 6,
    memory: bool = True,
    caps: bool = True,
) -> SearchStrategy[list[Demand]]:
    """
    Draw the demands of one question to a policy, in any order.

    They are as `plan` might ask: at least one, each with a limit of at least 1,
    no two with the same `Demand.fifo_key`; ties on all else are common.

    Args:
        min_demands: At least so many.
        max_demands: At most so many.
        max_claim: At most so much does a demand stand for.
        memory: Whether demands may have got something already.
        caps: Whether limits may be lower than what is wanted.

    Raises:
        InvalidValueError: if there is nothing to draw.

    >>> from hypothesis import given
    >>> @given(demands())
    ... def test_limits_fit_the_claims(demands):
    ...     assert all(1 <= each.limit <= each.claim - each.got for each in demands)
    >>> test_limits_fit_the_claims()
    """
    _refuse_less("min_demands", min_demands, least=1)
    _refuse_less("max_demands", max_demands, least=min_demands)
    _refuse_less("max_claim", max_claim, least=1)
    return demand_lists(min_demands, max_demands, max_claim, memory=memory, caps=caps)


def shortages(
    *,
    min_demands: int = 1,
    max_demands: int = 4,
    max_claim: int = 6,
    memory: bool = True,
    caps: bool = True,
) -> SearchStrategy[tuple[int, list[Demand]]]:
    """
    Draw a supply and demands that it does not suffice for.

    Args:
        min_demands: As for `demands`, and so on.
        max_demands: As for `demands`.
        max_claim: As for `demands`.
        memory: As for `demands`.
        caps: As for `demands`.

    Raises:
        InvalidValueError: if there is nothing to draw.

    >>> from hypothesis import given
    >>> from backorderkit import Fifo
    >>> @given(shortages())
    ... def test_fifo_hands_out_all_of_a_shortage(shortage):
    ...     supply, demands = shortage
    ...     assert sum(Fifo().share(supply, demands)) == supply
    >>> test_fifo_hands_out_all_of_a_shortage()
    """
    lists = demands(
        min_demands=min_demands,
        max_demands=max_demands,
        max_claim=max_claim,
        memory=memory,
        caps=caps,
    )
    return supplies(lists, spare=-1)


def _named(field: str, names: Sequence[str]) -> Sequence[str]:
    if isinstance(names, str) or not names:
        raise InvalidValueError(field=field, value=names, reason="must be a list of names")
    return names


def _refuse_less(field: str, value: int, *, least: int) -> None:
    if value < least:
        raise InvalidValueError(field=field, value=value, reason=f"must be >= {least}")
