"""What it is worth to complete an order, in whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, Literal, TypeAlias, get_args

import attrs

from backorderkit.errors import PolicyViolationError, shown
from backorderkit.model._checks import MAX_INTEGER, Problems, raise_first, refuse
from backorderkit.model._exact import EXACT
from backorderkit.model.orders import Order
from backorderkit.model.snapshot import Snapshot

Maximise = Literal["orders", "units", "value"]
"""What the chosen orders are counted in."""

WeightOf: TypeAlias = Callable[[Order], int]
"""Says what completing an order is worth: a pure function of it, a whole number >= 0."""

MAXIMISE: Final[tuple[Maximise, ...]] = get_args(Maximise)


@attrs.frozen(kw_only=True, eq=False)
class Weights:
    """
    What each order is worth.

    Attributes:
        each: Along the orders asked about, in steps.
        exponent: A step is ``10**exponent`` of the currency; None where no money is meant.
        currency: Its currency, where money is meant and there is an order.
    """

    each: Sequence[int]
    exponent: int | None = None
    currency: str | None = None

    def amount(self, steps: int) -> int | Decimal:
        """Turn steps into what they stand for."""
        if self.exponent is None:
            return steps
        return EXACT.scaleb(Decimal(steps), self.exponent)


def weigh(
    snapshot: Snapshot, orders: Sequence[Order], maximise: Maximise, weights: WeightOf | None
) -> Weights:
    """
    Say what each order is worth.

    Raises:
        InvalidValueError: naming all lines without a price, or several currencies or units
            of measure.
        PolicyViolationError: if the host's function gives no whole number >= 0.
    """
    if weights is not None:
        return Weights(each=[_asked(weights, order) for order in orders])
    if maximise == "orders":
        return Weights(each=[1] * len(orders))
    if maximise == "units":
        _refuse_mixed_measures(snapshot, orders)
        return Weights(each=[sum(line.outstanding for line in order.lines) for order in orders])
    return _worths(snapshot, orders)


def _asked(weights: WeightOf, order: Order) -> int:
    weight: object = weights(order)
    if type(weight) is not int or not 0 <= weight <= MAX_INTEGER:
        detail = f"the weight of order {order.id} is {shown(weight)}, no whole number >= 0"
        raise PolicyViolationError(policy="choose_orders", clause="weight", detail=detail)
    return weight


def _refuse_mixed_measures(snapshot: Snapshot, orders: Sequence[Order]) -> None:
    measures = {
        snapshot.item(line.sku).measure
        for order in orders
        for line in order.lines
        if line.outstanding
    }
    if len(measures) > 1:
        problems: Problems = []
        names = ", ".join(sorted(f"{each.name} ({each.decimals} decimals)" for each in measures))
        refuse(problems, "maximise", "units", f"must not add up {names}")
        raise_first(problems)


def _worths(snapshot: Snapshot, orders: Sequence[Order]) -> Weights:
    problems: Problems = []
    worths: list[Decimal] = []
    currencies = set[str]()
    for order in orders:
        worth = Decimal(0)
        for line in order.lines:
            if not line.outstanding:
                continue
            if line.unit_price is None or line.currency is None:
                path = f"orders[{order.id!r}].lines[{line.id!r}].unit_price"
                refuse(problems, "unit_price", None, "must be known where value counts", path)
                continue
            currencies.add(line.currency)
            units = EXACT.scaleb(Decimal(line.outstanding), -snapshot.item(line.sku).decimals)
            worth = EXACT.add(worth, EXACT.multiply(line.unit_price, units))
        worths.append(EXACT.normalize(worth))
    if len(currencies) > 1:
        names = ", ".join(sorted(currencies))
        refuse(problems, "currency", names, "must be one where value counts")
    raise_first(problems)
    exponent = min((_exponent(worth) for worth in worths if worth), default=0)
    steps = [int(EXACT.scaleb(worth, -exponent)) for worth in worths]
    return Weights(each=steps, exponent=exponent, currency=min(currencies, default=None))


def _exponent(worth: Decimal) -> int:
    exponent = worth.as_tuple().exponent
    # Prices are finite, so it is a number; only the types do not know.
    return exponent if isinstance(exponent, int) else 0
