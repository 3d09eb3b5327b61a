"""Chooses which orders are completed now, by a solver or by the queue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from typing import Final

import attrs

from backorderkit.model._checks import Problems, check_whole, raise_first, refuse
from backorderkit.model.snapshot import Snapshot
from backorderkit.optimize.choice import Choice
from backorderkit.optimize.needs import Candidate, Group, fifo_key_of, groups_of, touching
from backorderkit.optimize.simple import bound_of, in_queue_order
from backorderkit.optimize.solving import SOLVER, Answer, solve
from backorderkit.optimize.weighing import MAXIMISE, Maximise, WeightOf, weigh
from backorderkit.planning.given import not_a, sku_set

DEFAULT_EFFORT: Final = 5
"""Some ten seconds for a group that is large and hard, and nothing noticeable for others."""


def choose_orders(
    snapshot: Snapshot,
    *,
    maximise: Maximise,
    skus: Iterable[str] | None = None,
    effort: int = DEFAULT_EFFORT,
    weights: WeightOf | None = None,
) -> Choice:
    """
    Choose the orders to complete now from the stock on hand, so that they are worth the most.

    An order is complete when all that it is still owed is allocated.  What it holds
    already it keeps, and only the rest is needed; an order that lacks nothing is not
    counted.  There is what plans share: on hand without what is allocated, held or
    safety stock, by location where lines are bound.

    Among choices that are worth the same one is taken: of two, the one with the oldest
    order (placed_at, sequence, id) that the other has not.  So the answer is unique, and
    everybody who still fits is chosen.

    Args:
        snapshot: Orders and stock at one moment.
        maximise: ``"orders"``, how many; ``"units"``, what they are still owed in smallest
            units, of one unit of measure; ``"value"``, the same in money of one currency.
        skus: Choose among the orders that wait for one of these SKUs, and those tied to
            them: they are chosen as in a choice of everything.  None for all.
        effort: How long the solver may look at each group, in its own count of steps, which
            no clock decides; 1 takes a few seconds.  When it ends, the best that was found
            is given, with a bound.
        weights: What each order counts for instead of 1, where orders are maximised.

    Raises:
        InvalidValueError: if an argument is none of these; naming every line without a
            price, or what cannot be added up; or if numbers are too large for the solver
            (sums of 2**60 and more).
        PolicyViolationError: if *weights* gives no whole number >= 0.

    O(lines x log orders), and for each group what the solver takes, exponential at worst.

    >>> from backorderkit.model import Order
    >>> book = Snapshot.of(
    ...     as_of="2026-01-05",
    ...     stock={"MUG": 3, "BOWL": 3},
    ...     orders=[
    ...         Order.of("SO-1", "2026-01-02", {"MUG": 3, "BOWL": 3}),
    ...         *(
    ...             Order.of(id, "2026-01-04", {sku: 2})
    ...             for id, sku in [("B", "MUG"), ("C", "BOWL")]
    ...         ),
    ...     ],
    ... )
    >>> choose_orders(book, maximise="orders").orders
    ('B', 'C')
    """

    def by_solver(group: Group, values: Sequence[int]) -> Answer:
        return solve(group, values, effort)

    asked = _Asked(snapshot=snapshot, maximise=maximise, skus=skus, weights=weights, effort=effort)
    return asked.choose(by_solver, SOLVER)


def take_in_order(
    snapshot: Snapshot,
    *,
    maximise: Maximise,
    skus: Iterable[str] | None = None,
    weights: WeightOf | None = None,
) -> Choice:
    """
    Take order after order, first come first, if what is left is enough for all it wants.

    What a queue does, counted as `choose_orders` counts, to see what choosing brings.  Its
    bound is a simple one: each SKU that is short is looked at by itself.

    Args:
        snapshot: As for `choose_orders`, and so on.
        maximise: As for `choose_orders`.
        skus: As for `choose_orders`.
        weights: As for `choose_orders`.

    Raises:
        InvalidValueError: as `choose_orders` does, but for large numbers.
        PolicyViolationError: as `choose_orders` does.

    O(lines x log orders).
    """

    def by_queue(group: Group, values: Sequence[int]) -> Answer:
        chosen = in_queue_order(group)
        value = sum(compress(values, chosen))
        return Answer(chosen=chosen, value=value, bound=bound_of(group, values), is_settled=True)

    asked = _Asked(snapshot=snapshot, maximise=maximise, skus=skus, weights=weights)
    return asked.choose(by_queue, "queue order")


@attrs.frozen(kw_only=True, eq=False)
class _Asked:
    """What was asked, checked."""

    snapshot: Snapshot
    maximise: Maximise
    skus: Iterable[str] | None
    weights: WeightOf | None
    effort: int = DEFAULT_EFFORT

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.snapshot, Snapshot):
            raise not_a("snapshot", self.snapshot, "Snapshot")
        problems: Problems = []
        if self.maximise not in MAXIMISE:
            refuse(problems, "maximise", self.maximise, f"must be one of {', '.join(MAXIMISE)}")
        check_whole(problems, "effort", self.effort, least=1)
        if self.weights is not None:
            if isinstance(self.weights, type) or not callable(self.weights):
                refuse(problems, "weights", self.weights, "must be a function of an order")
            elif self.maximise != "orders":
                reason = "must be absent where anything but orders is maximised"
                refuse(problems, "weights", self.weights, reason)
        raise_first(problems)

    def choose(self, decide: Callable[[Group, Sequence[int]], Answer], by: str) -> Choice:
        """Decide group by group."""
        only = sku_set(self.skus)
        groups = groups_of(self.snapshot)
        if only is not None:
            groups = touching(groups, only)
        orders = [each.order for group in groups for each in group.members]
        weights = weigh(self.snapshot, orders, self.maximise, self.weights)
        chosen: list[Candidate] = []
        answers: list[Answer] = []
        end = 0
        for group in groups:
            start, end = end, end + len(group.members)
            answer = decide(group, weights.each[start:end])
            answers.append(answer)
            chosen.extend(compress(group.members, answer.chosen))
        chosen.sort(key=fifo_key_of)
        return Choice(
            orders=tuple([each.order.id for each in chosen]),
            value=weights.amount(sum(answer.value for answer in answers)),
            bound=weights.amount(sum(answer.bound for answer in answers)),
            currency=weights.currency,
            is_settled=all(answer.is_settled for answer in answers),
            by=by,
        )
