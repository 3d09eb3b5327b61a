"""The command that puts the plans of two policies side by side."""

from __future__ import annotations

from typing import Annotated

import typer

from backorderkit.cli.options import (
    AsOfOption,
    FormatOption,
    OutOption,
    PolicyName,
    PolicyOption,
    PromisesName,
    PromisesOption,
    RuleName,
    RuleOption,
    SetAsideOption,
    Source,
    checked_outputs,
    chosen_moment,
    chosen_policy,
    read_source,
)
from backorderkit.cli.output import prepare_comparison, tell_aside, write_output
from backorderkit.cli.progress import Progress
from backorderkit.planning.planner import run as run_plan
from backorderkit.promising import compare as compare_plans

WithOption = Annotated[
    PolicyName, typer.Option("--with", help="The policy that it is compared with.")
]
WithRuleOption = Annotated[
    RuleName | None,
    typer.Option(help="How fair-share shares there.  [default: proportional]", show_default=False),
]
WithPromisesOption = Annotated[PromisesName, typer.Option(help="What becomes of promises there.")]


def compare(
    source: Source,
    with_: WithOption,
    with_rule: WithRuleOption = None,
    with_promises: WithPromisesOption = PromisesName.FREE,
    policy: PolicyOption = PolicyName.FIFO,
    rule: RuleOption = None,
    promises: PromisesOption = PromisesName.FREE,
    as_of: AsOfOption = None,
    set_aside: SetAsideOption = False,
    format: FormatOption = None,  # noqa: A002 - the option's name
    out: OutOption = None,
) -> int:
    """
    Plan by two policies, and say who wins and who loses by the second.

    Nothing is committed.  Exit status: 0 compared (whoever loses), 3 compared
    without what was set aside, 2 bad input or usage
    (one line a problem, nothing written), 1 a defect of backorderkit.
    """
    one = chosen_policy(policy, rule, promises)
    other = chosen_policy(with_, with_rule, with_promises, options=("--with", "--with-rule"))
    moment = chosen_moment(as_of)
    out = checked_outputs(source, out, None)
    with Progress() as progress:
        progress.start("Reading")
        partial = read_source(source, moment, set_aside=set_aside)
    tell_aside(partial)
    with Progress() as progress:
        progress.start("Planning")
        plans = [run_plan(partial.snapshot, each, progress.advance) for each in (one, other)]
        progress.start("Comparing")
        found = compare_plans(*plans)
        progress.start("Writing")
        output = prepare_comparison(found, partial.set_aside, format, out)
    return write_output(output, partial.set_aside)
