"""One check for each clause and law: it asks a policy and refutes it, or stays silent."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Final

import attrs

from backorderkit.policies import Demand, Law
from backorderkit.policies.verify import called
from backorderkit.testing._cases import name, table
from backorderkit.testing._witness import RefutedError, Shares, Witness

Check = Callable[[Witness, int, Sequence[Demand]], None]
"""Asks about one question and its neighbours; raises `RefutedError`."""

_FEW: Final = 3
"""Up to so many demands are asked about in every order there is."""

_MOST_SUPPLIES: Final = 40
"""Laws are followed from no supply up to at most so much."""


def check_answers(witness: Witness, supply: int, demands: Sequence[Demand]) -> None:
    """P1, P2, P3 and P5, in a list and as `plan` asks."""
    witness.ask(supply, demands)
    witness.ask_as_plan_does(supply, demands)


def check_same_answer(witness: Witness, supply: int, demands: Sequence[Demand]) -> None:
    """P6: again at once, after another question, and with equal values made anew."""
    first = witness.ask(supply, demands)
    again = witness.ask(supply, demands)
    _same(
        "P6", f"asked to share {supply} twice in a row", demands, {"first": first, "again": again}
    )
    witness.ask(supply + 1, demands[:1])
    later = witness.ask(supply, demands)
    _same(
        "P6",
        f"asked to share {supply} after another question",
        demands,
        {"first": first, "later": later},
    )
    afresh = witness.ask(supply, copy.deepcopy(demands))
    _same(
        "P6",
        f"asked to share {supply} with equal values",
        demands,
        {"first": first, "afresh": afresh},
    )


def check_any_order(witness: Witness, supply: int, demands: Sequence[Demand]) -> None:
    """P4: in other orders, and as `plan` asks."""
    given = witness.ask(supply, demands)
    for other in _orders(demands):
        shares = witness.ask(supply, other)
        order = ", ".join("/".join(name(demand)) for demand in other)
        claim = f"sharing {supply} in the order {order}"
        if shares != given and tuple(shares.values()) == tuple(given.values()):
            claim += " (it answers with the same list: are the shares in the order given?)"
        _same("P4", claim, demands, {"as below": given, "that order": shares})
    planned = witness.ask_as_plan_does(supply, demands)
    _same(
        "P4",
        f"sharing {supply} as plan asks",
        demands,
        {"as below": given, "oldest first": planned},
    )


def _orders(demands: Sequence[Demand]) -> Iterator[Sequence[Demand]]:
    if len(demands) <= _FEW:
        yield from permutations(demands)
    else:
        yield demands[::-1]
        yield [*demands[1:], demands[0]]
        yield [*demands[::2], *demands[1::2]]


def check_monotone(witness: Witness, most: int, demands: Sequence[Demand]) -> None:
    """From no supply up to the one asked about, unit by unit, nobody loses."""
    less = 0
    before = witness.ask(less, demands)
    for more in range(1, min(most, _MOST_SUPPLIES) + 1):
        after = witness.ask(more, demands)
        for demand in demands:
            if after[name(demand)] < before[name(demand)]:
                claim = f"with {more} to share instead of {less}, {called(demand)} gets less"
                answers = {f"of {less}": before, f"of {more}": after}
                raise _refuted(Law.MONOTONE.value, claim, demands, answers)
        less, before = more, after


def check_population_monotone(witness: Witness, most: int, demands: Sequence[Demand]) -> None:
    """Each demand goes away once, at every supply up to the one asked about."""
    for supply, leaver, others in _departures(most, demands):
        together = witness.ask(supply, demands)
        alone = witness.ask(supply, others)
        for demand in others:
            if alone[name(demand)] < together[name(demand)]:
                claim = f"sharing {supply}, without {called(leaver)}, {called(demand)} gets less"
                answers = {"with it": together, "without": alone}
                raise _refuted(Law.POPULATION_MONOTONE.value, claim, demands, answers)


def check_consistent(witness: Witness, most: int, demands: Sequence[Demand]) -> None:
    """Each demand leaves once with what it got; all larger groups follow from this."""
    for supply, leaver, others in _departures(most, demands):
        together = witness.ask(supply, demands)
        rest = supply - together[name(leaver)]
        anew = witness.ask(rest, others)
        claim = f"sharing {supply}, {called(leaver)} leaves with its share: of the other {rest}"
        _same(Law.CONSISTENT.value, claim, demands, {"together": together, "anew": anew})


def _departures(
    most: int, demands: Sequence[Demand]
) -> Iterator[tuple[int, Demand, Sequence[Demand]]]:
    if len(demands) > 1:
        for supply in range(1, min(most, _MOST_SUPPLIES) + 1):
            for place, leaver in enumerate(demands):
                yield supply, leaver, [*demands[:place], *demands[place + 1 :]]


def check_path_independent(witness: Witness, supply: int, demands: Sequence[Demand]) -> None:
    """The supply comes in two parts, in every way; what stays over waits for the second."""
    at_once = witness.ask(supply, demands)
    for part in range(1, min(supply, _MOST_SUPPLIES)):
        first = witness.ask(part, demands)
        waiting = [_after(demand, first[name(demand)]) for demand in demands]
        waiting = [demand for demand in waiting if demand.limit]
        rest = supply - sum(first.values())
        second = witness.ask(rest, waiting) if waiting else {}
        parts = {key: share + second.get(key, 0) for key, share in first.items()}
        claim = f"when {supply} came as {part} and then {supply - part}"
        answers = {"at once": at_once, "in parts": parts, f"of {part}": first}
        _same(Law.PATH_INDEPENDENT.value, claim, demands, answers)


def _after(demand: Demand, share: int) -> Demand:
    return attrs.evolve(demand, got=demand.got + share, limit=demand.limit - share)


def check_strategy_proof(witness: Witness, supply: int, demands: Sequence[Demand]) -> None:
    """Each demand once asks for anything up to some more than all that is there."""
    honest = witness.ask(supply, demands)
    highest = max(demand.claim for demand in demands) + 2
    for place, demand in enumerate(demands):
        # Near what is wanted, and near what all others want.
        near = {*range(demand.claim - _MOST_SUPPLIES, demand.claim + _MOST_SUPPLIES)}
        near.update(range(highest - _MOST_SUPPLIES, highest + 1))
        for claim in sorted(each for each in near if demand.got < each <= highest):
            report = _reporting(demand, claim)
            others = (*demands[:place], *demands[place + 1 :])
            shares = witness.ask(supply, [*demands[:place], report, *demands[place + 1 :]])
            useful = min(shares[name(demand)], demand.limit)
            if useful > honest[name(demand)]:
                says = f"sharing {supply}, {called(demand)} gains by asking for {claim}"
                asked = {name(each): each.claim for each in (report, *others)}
                answers = {"honest": honest, "asking for": asked, "then": shares}
                raise _refuted(Law.STRATEGY_PROOF.value, says, demands, answers)


def _reporting(demand: Demand, claim: int) -> Demand:
    """Give a demand with another claim; a cap that is not its own want stays."""
    line = attrs.evolve(demand.line, ordered=claim + demand.line.cancelled)
    lines = [line if each.id == line.id else each for each in demand.order.lines]
    wants = claim - demand.got
    is_capped = demand.limit < demand.claim - demand.got
    return Demand(
        order=attrs.evolve(demand.order, lines=lines),
        line=line,
        got=demand.got,
        limit=min(wants, demand.limit) if is_capped else wants,
    )


def check_limits_only_cap(witness: Witness, supply: int, demands: Sequence[Demand]) -> None:
    """Each demand once may get less than it could; what it leaves falls to the others."""
    before = witness.ask(supply, demands)
    for place, demand in enumerate(demands):
        for limit in range(max(1, demand.limit - _MOST_SUPPLIES), demand.limit):
            capped = attrs.evolve(demand, limit=limit)
            shares = witness.ask(supply, [*demands[:place], capped, *demands[place + 1 :]])
            for other in demands:
                if other is not demand and shares[name(other)] < before[name(other)]:
                    claim = f"sharing {supply}, with {called(demand)} limited to {limit}"
                    claim += f", {called(other)} gets less"
                    answers = {"before": before, "limited": shares}
                    raise _refuted(Law.LIMITS_ONLY_CAP.value, claim, demands, answers)


LAW_CHECKS: Final[Mapping[Law, Check]] = {
    Law.MONOTONE: check_monotone,
    Law.POPULATION_MONOTONE: check_population_monotone,
    Law.CONSISTENT: check_consistent,
    Law.PATH_INDEPENDENT: check_path_independent,
    Law.LIMITS_ONLY_CAP: check_limits_only_cap,
    Law.STRATEGY_PROOF: check_strategy_proof,
}
"""How each law is checked."""


def _same(
    clause: str, claim: str, demands: Sequence[Demand], answers: Mapping[str, Shares]
) -> None:
    one, other, *_ = answers.values()
    for demand in demands:
        key = name(demand)
        if key in other and other[key] != one[key]:
            says = f"{claim}, {called(demand)} gets {other[key]} instead of {one[key]}"
            raise _refuted(clause, says, demands, answers)


def _refuted(
    clause: str, claim: str, demands: Sequence[Demand], answers: Mapping[str, Shares]
) -> RefutedError:
    return RefutedError(clause=clause, claim=claim, case=table(demands, answers))
