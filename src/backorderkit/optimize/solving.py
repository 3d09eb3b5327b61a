"""The solver: which members of one group are worth the most together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from itertools import compress
from typing import Final

import attrs
from ortools.sat.python import cp_model

from backorderkit.errors import InvalidValueError, PolicyViolationError
from backorderkit.optimize.needs import Group, Row
from backorderkit.optimize.simple import bound_of, densest_first, in_queue_order

SOLVER: Final = f"CP-SAT {version('ortools')}"

MOST: Final = 2**60
"""Sums of weights and of what is wanted stay below; the solver counts with 64 bits."""

_PLACES_AT_ONCE: Final = 30
"""How many orders one question about ties is about: each is worth more than all behind it."""

_FOR_TIES: Final = 0.25
"""At most this part of the effort: who is chosen among equals is worth less than the value."""

_FOUND: Final = frozenset({cp_model.OPTIMAL, cp_model.FEASIBLE})

_LOOK_BACK: Final = 32
"""How many orders of its kind each is compared with: looking at all pairs would not pay."""


@attrs.frozen(kw_only=True, eq=False)
class Answer:
    """
    What is known of one group.

    Attributes:
        chosen: Whether each member is chosen.
        value: What these are worth.
        bound: No choice is worth more.
        is_settled: Whether this is the choice that the rule for ties asks for.
    """

    chosen: Sequence[bool]
    value: int
    bound: int
    is_settled: bool


def require_countable(group: Group, weights: Sequence[int]) -> None:
    """
    Refuse what the solver could not add up.

    Raises:
        InvalidValueError: if a sum is 2**60 or more.
    """
    wanted = defaultdict[Row, int](int)
    for each in group.members:
        for row, units in each.needs.items():
            wanted[row] += units
    for (sku, _), units in wanted.items():
        if units >= MOST:
            reason = f"must be < 2**60 for SKU {sku}, all orders together"
            raise InvalidValueError(field="ordered", value=units, reason=reason)
    if (total := sum(weights)) >= MOST:
        reason = "must be < 2**60 in steps of the smallest, all orders together"
        raise InvalidValueError(field="value", value=total, reason=reason)


def solve(group: Group, weights: Sequence[int], effort: int) -> Answer:
    """
    Give the choice that is worth the most; among such the one with the oldest orders.

    Of two choices with equal worth that is preferred which has the oldest order that only
    one of them has.

    Raises:
        InvalidValueError: if numbers are too large for the solver.
        PolicyViolationError: if the solver's answer does not fit the stock.
    """
    if not group.rows:
        total = sum(weights)
        return Answer(chosen=[True] * len(weights), value=total, bound=total, is_settled=True)
    require_countable(group, weights)
    search = _Search(group, weights, effort)
    value, bound = search.best()
    if value == bound:
        search.settle(value)
    return Answer(
        chosen=search.chosen,
        value=value,
        bound=bound,
        is_settled=value == bound and search.is_settled,
    )


class _Search:
    """One group and the best choice of it so far."""

    def __init__(self, group: Group, weights: Sequence[int], effort: int) -> None:
        self.group = group
        self.weights = weights
        self.effort = self.left = float(effort)
        self.chosen = max(in_queue_order(group), densest_first(group, weights), key=self._worth)
        self.is_settled = False
        self.model = cp_model.CpModel()
        self.takes = [self.model.new_bool_var("") for _ in weights]
        self._limit()
        self._order_the_like()

    def best(self) -> tuple[int, int]:
        """Look for the best value; give it and the bound."""
        bound = bound_of(self.group, self.weights)
        if self._worth(self.chosen) == bound:
            return bound, bound
        solver, status = self._ask(self.weights)
        if status in _FOUND:
            self.chosen = max(self.chosen, self._read(solver), key=self._worth)
            # The solver minimises the opposite, and this is its bound as a whole number.
            bound = min(bound, -solver.response_proto.inner_objective_lower_bound)
        value = self._worth(self.chosen)
        return value, value if status == cp_model.OPTIMAL else bound

    def settle(self, value: int) -> None:
        """Among the choices of the best value, look for the one with the oldest orders."""
        self.left = min(self.left, self.effort * _FOR_TIES)
        self.model.add(cp_model.LinearExpr.weighted_sum(self.takes, self.weights) >= value)
        for start in range(0, len(self.takes), _PLACES_AT_ONCE):
            places = range(start, min(start + _PLACES_AT_ONCE, len(self.takes)))
            if not all(self.chosen[place] for place in places):
                if self.left <= 0:
                    return
                steps = {place: 1 << (places.stop - 1 - place) for place in places}
                solver, status = self._ask([steps.get(at, 0) for at in range(len(self.takes))])
                if status in _FOUND:
                    # Lists compare place by place: what is older weighs more.
                    self.chosen = max(self.chosen, self._read(solver))
                if status != cp_model.OPTIMAL:
                    return
            for place in places:
                self.model.add(self.takes[place] == self.chosen[place])
        self.is_settled = True

    def _limit(self) -> None:
        """Say that no row gives more than it has."""
        terms: Mapping[Row, list[tuple[cp_model.IntVar, int]]] = defaultdict(list)
        for take, each in zip(self.takes, self.group.members, strict=True):
            for row, units in each.needs.items():
                terms[row].append((take, units))
        for row, most in self.group.rows.items():
            used = [cp_model.LinearExpr.term(take, units) for take, units in terms[row]]
            self.model.add(cp_model.LinearExpr.sum(used) <= most)

    def _order_the_like(self) -> None:
        """
        Say who is never left out for whom, which spares the solver most ties.

        Who is older, needs no more of anything and is worth no less could take the other's
        place, and would have to by the rule for ties.
        """
        alike = defaultdict[frozenset[Row], list[int]](list)
        for place, each in enumerate(self.group.members):
            needs = each.needs
            kind = alike[frozenset(needs)]
            for older in kind[-_LOOK_BACK:]:
                other = self.group.members[older].needs
                if self.weights[older] >= self.weights[place] and all(
                    other[row] <= units for row, units in needs.items()
                ):
                    self.model.add_implication(self.takes[place], self.takes[older])
            kind.append(place)

    def _ask(self, goal: Sequence[int]) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
        """Maximise a goal within what is left of the effort, the same way every time."""
        self.model.maximize(cp_model.LinearExpr.weighted_sum(self.takes, goal))
        self.model.proto.clear_solution_hint()
        for take, chosen in zip(self.takes, self.chosen, strict=True):
            self.model.add_hint(take, chosen)
        solver = cp_model.CpSolver()
        # One worker and no clock: the same model is always searched the same way.
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 0
        solver.parameters.max_deterministic_time = self.left
        status = solver.solve(self.model)
        self.left -= solver.response_proto.deterministic_time
        return solver, status

    def _read(self, solver: cp_model.CpSolver) -> list[bool]:
        """
        Take the solver's answer, and add it up again.

        Raises:
            PolicyViolationError: if it gives away more than there is.
        """
        chosen = [solver.boolean_value(take) for take in self.takes]
        left = dict(self.group.rows)
        for each in compress(self.group.members, chosen):
            for row, units in each.needs.items():
                left[row] -= units
        short = sorted(sku for (sku, _), units in left.items() if units < 0)
        if short:
            detail = f"it gives away more than there is of {', '.join(short)}"
            raise PolicyViolationError(policy=SOLVER, clause="stock", detail=detail)
        return chosen

    def _worth(self, chosen: Sequence[bool]) -> int:
        return sum(compress(self.weights, chosen))
