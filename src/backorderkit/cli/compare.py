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
    RulesOption,
    SetAsideOption,
    Source,
    checked_outputs,
    chosen_moment,
    chosen_policy,
    chosen_rules,
    read_source,
    reject,
)
from backorderkit.cli.output import prepare_comparison, tell_aside, write_output
from backorderkit.cli.progress import Progress
from backorderkit.planning.planner import run as run_plan
from backorderkit.policies.sourcing import IN_LOCATION_ORDER
from backorderkit.promising import compare as compare_plans

WithOption = Annotated[
    PolicyName | None,
    typer.Option("--with", help="The policy that it is compared with.", show_default=False),
]
WithRulesOption = Annotated[
    str | None,
    typer.Option(metavar="PATH", help="Or the configuration file that it is compared with."),
]
WithRuleOption = Annotated[
    RuleName | None,
    typer.Option(help="How fair-share shares there.  [default: proportional]", show_default=False),
]
WithPromisesOption = Annotated[PromisesName, typer.Option(help="What becomes of promises there.")]


def compare(
    context: typer.Context,
    source: Source,
    with_: WithOption = None,
    with_rules: WithRulesOption = None,
    with_rule: WithRuleOption = None,
    with_promises: WithPromisesOption = PromisesName.FREE,
    rules: RulesOption = None,
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
    if with_ is None and with_rules is None:
        reject("--with or --with-rules: must be given")
    own = chosen_rules(context, rules, ("policy", "rule", "promises"))
    beside = ("with_", "with_rule", "with_promises")
    theirs = chosen_rules(context, with_rules, beside, option="--with-rules")
    one = own.policy if own else chosen_policy(policy, rule, promises)
    options = ("--with", "--with-rule")
    named = with_ or PolicyName.FIFO
    other = (
        theirs.policy if theirs else chosen_policy(named, with_rule, with_promises, options=options)
    )
    asked = [(one, own), (other, theirs)]
    moment = chosen_moment(as_of)
    out = checked_outputs(source, out, None, rules=[rules, with_rules])
    with Progress() as progress:
        progress.start("Reading")
        partial = read_source(source, moment, set_aside=set_aside)
    tell_aside(partial)
    with Progress() as progress:
        progress.start("Planning")
        plans = [
            run_plan(
                partial.snapshot,
                chosen,
                progress.advance,
                placing=file.placing if file else IN_LOCATION_ORDER,
            )
            for chosen, file in asked
        ]
        progress.start("Comparing")
        found = compare_plans(*plans)
        progress.start("Writing")
        output = prepare_comparison(found, partial.set_aside, format, out)
    return write_output(output, partial.set_aside)
