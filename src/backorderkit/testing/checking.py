"""Holds a policy to its contract, and shows the smallest case in which it breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import Flaky

from backorderkit.errors import PolicyViolationError
from backorderkit.model._checks import Problems, check_whole, raise_first
from backorderkit.policies import AllocationPolicy, Demand
from backorderkit.policies.protocol import declared_laws, policy_name, require_policy
from backorderkit.testing._clauses import (
    LAW_CHECKS,
    Check,
    check_answers,
    check_any_order,
    check_same_answer,
)
from backorderkit.testing._questions import demand_lists, supplies
from backorderkit.testing._witness import RaisedError, RefutedError, Witness

MAX_EXAMPLES: Final = 100
"""So many questions a check; each is asked in many ways, and it takes about a second."""

MAX_CLAIM: Final = 6
"""Small claims make shortages and ties common, and counterexamples readable."""

_MOST_DEMANDS: Final = 4
_SPARE: Final = 2
"""So many more units than all want may be there."""


def check_policy(
    policy: AllocationPolicy, *, max_examples: int = MAX_EXAMPLES, max_claim: int = MAX_CLAIM
) -> None:
    """
    Check that a policy keeps the clauses P1 to P6 and every law that it declares.

    It asks what `plan` may ask: one or more demands, each with a limit of 1 or
    more, and a supply of 0 or more; with a plain list in any order and with the
    sequence that `plan` hands over.  The questions are the same in every run.
    It prints nothing and may be called anywhere, also within Hypothesis tests.

    Args:
        policy: Yours.  What it says in ``laws`` and ``holds_back`` counts.
        max_examples: How many questions for each check.
        max_claim: The largest claim in a question.

    Raises:
        PolicyViolationError: if it broke its contract.  Its ``clause`` is ``P1``
            to ``P6`` or the name of the law, its ``detail`` the smallest case
            found: what was asked, the answers, and what is wrong with them.
        Exception: whatever the policy itself raised, with the case as a note.
        InvalidValueError: if *policy* is no policy or declares what is no `Law`, or a number
            is below 1.

    >>> from backorderkit import Fifo
    >>> check_policy(Fifo())

    >>> class Stingy:
    ...     def share(self, supply, demands, /):
    ...         return [0 for _ in demands]
    >>> check_policy(Stingy())
    Traceback (most recent call last):
    ...
    backorderkit.errors.PolicyViolationError: policy 'Stingy' broke P5: asked to share 1 in a list, it gave only 0 while 1 were wanted
    <BLANKLINE>
    order  line  claim  got  limit  priority  placed_at             share
    A      1     1      0    1      5         2026-01-01T00:00:00Z  0
    <BLANKLINE>
    """  # noqa: E501 - the message of an exception is one line
    require_policy(policy)
    problems: Problems = []
    check_whole(problems, "max_examples", max_examples, least=1)
    check_whole(problems, "max_claim", max_claim, least=1)
    raise_first(problems)
    for check in _checks_of(policy):
        found = _search(Witness(policy=policy), check, max_examples, max_claim)
        if isinstance(found, RaisedError):
            found.cause.add_note(found.detail)
            raise found.cause
        if found is not None:
            raise PolicyViolationError(
                policy=policy_name(policy), clause=found.clause, detail=found.detail
            )


def _checks_of(policy: AllocationPolicy) -> Iterator[Check]:
    """Give the checks, the plainest first: whoever breaks P2 is not told about P4."""
    laws = declared_laws(policy)
    yield check_answers
    yield check_same_answer
    yield check_any_order
    for law, check in LAW_CHECKS.items():
        if law in laws:
            yield check


class _FoundError(Exception):
    """Tells Hypothesis that an example is one."""


def _search(
    witness: Witness, check: Check, max_examples: int, max_claim: int
) -> RefutedError | RaisedError | None:
    """Look for the smallest question that refutes a policy."""
    # A question that ever refuted the policy does so for good: else a policy
    # with a memory or dice of its own would not let Hypothesis shrink.
    refuting = dict[tuple[int, tuple[Demand, ...]], RefutedError | RaisedError]()
    found: list[RefutedError | RaisedError] = []
    lists = demand_lists(1, _MOST_DEMANDS, max_claim, memory=True, caps=True)
    # Laws are about shortages; with enough for all they hold by the clauses.
    is_law = check in LAW_CHECKS.values()
    questions = supplies(lists, least=1, spare=-1) if is_law else supplies(lists, spare=_SPARE)

    @settings(
        max_examples=max_examples,
        derandomize=True,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(questions)
    def attempt(question: tuple[int, list[Demand]]) -> None:
        supply, demands = question
        key = supply, tuple(demands)
        if key not in refuting:
            try:
                check(witness, supply, demands)
            except (RefutedError, RaisedError) as refutation:
                if found and not _is_alike(found[0], refutation):
                    return
                refuting[key] = refutation
            else:
                return
        found[:] = [refuting[key]]
        raise _FoundError

    try:
        attempt()
    except (_FoundError, Flaky):
        return found[0]
    return None


def _is_alike(one: RefutedError | RaisedError, other: RefutedError | RaisedError) -> bool:
    """Tell whether two refutations are about the same, so that shrinking keeps to it."""
    if isinstance(one, RefutedError) and isinstance(other, RefutedError):
        return one.clause == other.clause
    if isinstance(one, RaisedError) and isinstance(other, RaisedError):
        return type(one.cause) is type(other.cause)
    return False
