from __future__ import annotations

import builtins
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backorderkit.testing
from backorderkit import (
    AllocationPolicy,
    Demand,
    FairShare,
    Fifo,
    InvalidValueError,
    Law,
    PolicyViolationError,
    Priority,
    Ranked,
)
from backorderkit.policies import RULES
from backorderkit.testing import check_policy
from tests.effort import EFFORT

from . import doubles

BUILT_IN: dict[str, AllocationPolicy] = {
    "fifo": Fifo(),
    "priority": Priority(),
    **{f"priority, {rule} within": Priority(within=FairShare(rule=rule)) for rule in RULES},
    **{rule: FairShare(rule=rule) for rule in RULES},
    "equal, weighted": FairShare(rule="equal", weights=lambda demand: 1 + demand.priority % 4),
    "ranked by request": Ranked(
        key=lambda demand: (demand.line.requested or demand.order.placed_at, demand.priority)
    ),
    "ranked by size": Ranked(key=lambda demand: -demand.claim, within=FairShare(rule="equal")),
    "weighted by size": FairShare(rule="equal", weights=lambda demand: demand.claim),
    "classes in classes": Ranked(
        key=lambda demand: demand.order.channel,
        within=Priority(within=FairShare(rule="equal-losses")),
    ),
}

DOUBLES = [
    pytest.param(doubles.ForgetsTheLast(), "P1", 1, id="forgets the last"),
    pytest.param(doubles.OverlooksLimits(), "P2", 2, id="overlooks limits"),
    pytest.param(doubles.SharesInFractions(), "P2", 1, id="shares in fractions"),
    pytest.param(doubles.PromisesTwice(), "P3", 2, id="promises twice"),
    pytest.param(doubles.ServesAsGiven(), "P4", 2, id="serves as given"),
    pytest.param(doubles.StopsAtAMisfit(), "P5", 2, id="stops at a misfit"),
    pytest.param(doubles.TakesTurns(), "P6", 2, id="takes turns"),
    pytest.param(doubles.ThrowsDice(), "P6", 3, id="throws dice"),
    pytest.param(doubles.ServesNewcomersFirst(), "P6", 4, id="serves newcomers first"),
    pytest.param(doubles.OddAndEven(), "monotone", 3, id="odd and even"),
    pytest.param(doubles.LargestRemainder(), "monotone", 4, id="largest remainder"),
    pytest.param(doubles.ByCrowdPopulation(), "population monotone", 3, id="by crowd, population"),
    pytest.param(doubles.ByCrowdConsistent(), "consistent", 3, id="by crowd, consistent"),
    pytest.param(doubles.ForgetsThePast(), "path independent", 2, id="forgets the past"),
    pytest.param(doubles.Gullible(), "strategy-proof", 2, id="gullible"),
    pytest.param(doubles.ServesSmallLimitsFirst(), "limits only cap", 2, id="small limits first"),
]


@pytest.mark.parametrize("policy", BUILT_IN.values(), ids=BUILT_IN.keys())
def test_built_in_policies_keep_their_contract(policy: AllocationPolicy) -> None:
    check_policy(policy, max_examples=50 * EFFORT)


@pytest.mark.parametrize(("policy", "clause", "rows"), DOUBLES)
def test_each_broken_policy_is_caught_by_its_own_clause_in_a_small_case(
    policy: AllocationPolicy, clause: str, rows: int
) -> None:
    with pytest.raises(PolicyViolationError) as caught:
        check_policy(policy)

    claim, _, case = caught.value.detail.partition("\n\n")
    heading, *table = case.splitlines()
    assert caught.value.clause == clause
    assert claim
    assert heading.split()[:7] == [
        "order",
        "line",
        "claim",
        "got",
        "limit",
        "priority",
        "placed_at",
    ]
    assert 1 <= len(table) <= rows


@pytest.mark.parametrize(
    "broken",
    [
        doubles.OddAndEven,
        doubles.LargestRemainder,
        doubles.ByCrowdPopulation,
        doubles.ByCrowdConsistent,
        doubles.ForgetsThePast,
        doubles.Gullible,
        doubles.ServesSmallLimitsFirst,
    ],
)
def test_a_law_that_is_not_declared_is_not_held_against_a_policy(
    broken: type[doubles.Lawbreaker],
) -> None:
    """
    The very same policies pass when they declare one law less, so no other check caught them.
    """
    broken_law = {
        doubles.OddAndEven: Law.MONOTONE,
        doubles.LargestRemainder: Law.MONOTONE,
        doubles.ByCrowdPopulation: Law.POPULATION_MONOTONE,
        doubles.ByCrowdConsistent: Law.CONSISTENT,
        doubles.ForgetsThePast: Law.PATH_INDEPENDENT,
        doubles.Gullible: Law.STRATEGY_PROOF,
        doubles.ServesSmallLimitsFirst: Law.LIMITS_ONLY_CAP,
    }[broken]

    class Modest(broken):  # type: ignore[misc,valid-type]
        laws = broken().laws - {broken_law}

    check_policy(Modest())


def test_every_clause_and_every_law_has_a_broken_policy() -> None:
    caught = {param.values[1] for param in DOUBLES}

    assert caught == {"P1", "P2", "P3", "P4", "P5", "P6", *(law.value for law in Law)}


def test_the_smallest_case_reads_like_a_table() -> None:
    with pytest.raises(PolicyViolationError) as caught:
        check_policy(doubles.LargestRemainder())

    assert caught.value.policy == "LargestRemainder"
    assert caught.value.detail == (
        "with 4 to share instead of 3, order A, line 1 gets less\n"
        "\n"
        "order  line  claim  got  limit  priority  placed_at             of 3  of 4\n"
        "A      1     1      0    1      5         2026-01-01T00:00:00Z  1     0\n"
        "B      1     3      0    3      5         2026-01-01T00:00:00Z  1     2\n"
        "C      1     3      0    3      5         2026-01-01T00:00:00Z  1     2\n"
    )


def test_the_case_shows_further_facts_where_they_are_not_the_default() -> None:
    class TellsWebFromShop:
        """Breaks P5 for orders from the web alone."""

        def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
            if any(demand.order.channel == "web" for demand in demands):
                return [0] * len(demands)
            return list(Fifo().share(supply, demands))

    with pytest.raises(PolicyViolationError) as caught:
        check_policy(TellsWebFromShop())

    heading, row = caught.value.detail.splitlines()[2:]
    assert heading.split()[7:] == ["customer", "channel", "share"]
    assert row.split()[7:] == ["C-2", "web", "0"]


def test_the_same_policy_gives_the_same_case_every_time() -> None:
    def case() -> str:
        with pytest.raises(PolicyViolationError) as caught:
            check_policy(doubles.ForgetsThePast())
        return caught.value.detail

    assert case() == case()


def test_an_own_policy_of_ten_lines_passes() -> None:
    class Newest:
        laws = frozenset(Law)

        def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
            shares = dict.fromkeys((demand.fifo_key for demand in demands), 0)
            for demand in sorted(demands, key=lambda each: each.fifo_key, reverse=True):
                shares[demand.fifo_key] = min(demand.limit, supply)
                supply -= shares[demand.fifo_key]
            return list(shares.values())

    check_policy(Newest())


def test_a_policy_that_says_so_may_hold_units_back() -> None:
    class Patient(doubles.StopsAtAMisfit):
        holds_back = True
        laws = frozenset({Law.MONOTONE})

    check_policy(Patient())


def test_classes_over_a_policy_that_holds_back_do_not_declare_what_they_cannot_keep() -> None:
    """
    What one class leaves over goes to the next, and may be called back by one unit more.
    """

    class Patient(doubles.StopsAtAMisfit):
        holds_back = True
        laws = frozenset({Law.MONOTONE, Law.POPULATION_MONOTONE, Law.PATH_INDEPENDENT})

    class Overconfident:
        laws = Patient.laws
        holds_back = True

        def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
            return Priority(within=Patient()).share(supply, demands)

    check_policy(Patient())
    check_policy(Priority(within=Patient()))
    with pytest.raises(PolicyViolationError, match="monotone"):
        check_policy(Overconfident())


def test_what_the_policy_raises_comes_through_with_the_case_as_a_note() -> None:
    class Divides:
        def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
            _ = 1 // (len(demands) - 2)
            return list(Fifo().share(supply, demands))

    with pytest.raises(ZeroDivisionError) as caught:
        check_policy(Divides())

    (note,) = caught.value.__notes__
    assert note.startswith("asked to share 0 in a list, the policy raised\n\norder  line  claim")
    assert len(note.splitlines()) == 5


def test_an_answer_that_is_no_list_breaks_p1() -> None:
    class Lazy:
        def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
            return (share for share in Fifo().share(supply, demands))  # type: ignore[return-value]

    with pytest.raises(PolicyViolationError, match="answered <generator"):
        check_policy(Lazy())


def test_a_policy_that_only_likes_lists_is_caught_as_plan_would_find_it() -> None:
    class SortsInPlace:
        def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
            copied = demands.copy()  # type: ignore[attr-defined]
            return list(Fifo().share(supply, copied))

    with pytest.raises(AttributeError, match="copy") as caught:
        check_policy(SortsInPlace())

    assert caught.value.__notes__[0].startswith("asked to share 0 in a queue, the policy raised")


@pytest.mark.parametrize("policy", [Fifo, object(), None])
def test_what_is_no_policy_is_refused(policy: object) -> None:
    with pytest.raises(InvalidValueError, match="must be a policy"):
        check_policy(policy)  # type: ignore[arg-type]


def test_a_law_that_nobody_knows_is_refused() -> None:
    class Boastful(doubles.ServesAsGiven):
        laws = frozenset({"fair"})

    with pytest.raises(InvalidValueError, match="must be members of Law"):
        check_policy(Boastful())


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(is_broken=st.sampled_from([True, False]))
def test_it_works_inside_a_hypothesis_test(*, is_broken: bool) -> None:
    if is_broken:
        with pytest.raises(PolicyViolationError):
            check_policy(doubles.PromisesTwice(), max_examples=10)
    else:
        check_policy(Fifo(), max_examples=10)


def test_outside_of_pytest_it_prints_nothing_of_its_own() -> None:
    program = """
from tests.testing.doubles import ForgetsThePast, ThrowsDice
from backorderkit.testing import check_policy
from backorderkit import Fifo, PolicyViolationError
check_policy(Fifo())
for policy in (ForgetsThePast(), ThrowsDice()):
    try:
        check_policy(policy)
    except PolicyViolationError as error:
        assert not getattr(error, "__notes__", None)
        assert error.__cause__ is None and error.__context__ is None
        print(error.clause)
"""

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.split("\n") == ["path independent", "P6", ""]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        pytest.param(
            "hypothesis",
            "backorderkit.testing needs Hypothesis: pip install 'backorderkit[testing]'",
            id="Hypothesis itself",
        ),
        pytest.param("sortedcontainers", "No module named 'sortedcontainers'", id="a part of it"),
    ],
)
def test_without_hypothesis_the_import_says_in_a_line_what_to_install(
    missing: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = builtins.__import__

    def without(name: str, *rest: Any) -> ModuleType:  # noqa: ANN401 - as of __import__ itself
        if name == "hypothesis":
            raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
        return kept(name, *rest)

    spec = importlib.util.spec_from_file_location("kit", backorderkit.testing.__file__)
    assert spec is not None
    assert spec.loader is not None
    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(ImportError) as caught:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))

    assert str(caught.value) == message


def test_of_several_faults_one_is_told_and_shrinking_keeps_to_it() -> None:
    class Chaotic:
        def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
            match len(demands):
                case 2:
                    return [demand.limit + 1 for demand in demands]
                case 3:
                    raise KeyError
                case 4:
                    raise IndexError
                case _:
                    return list(Fifo().share(supply, demands))

    with pytest.raises((KeyError, IndexError, PolicyViolationError)) as caught:
        check_policy(Chaotic())

    error = caught.value
    fault = error.clause if isinstance(error, PolicyViolationError) else type(error).__name__
    case = error.detail if isinstance(error, PolicyViolationError) else error.__notes__[0]
    assert len(case.splitlines()[3:]) == {"P2": 2, "KeyError": 3, "IndexError": 4}[fault]


@pytest.mark.parametrize("number", ["max_examples", "max_claim"])
@pytest.mark.parametrize("value", [0, "a", True])
def test_numbers_that_are_none_are_refused(number: str, value: object) -> None:
    with pytest.raises(InvalidValueError, match=f"{number}: got"):
        check_policy(Fifo(), **{number: value})  # type: ignore[arg-type]


def test_large_claims_take_no_longer_than_small_ones_by_much() -> None:
    check_policy(FairShare(rule="equal"), max_examples=3, max_claim=10**9)
