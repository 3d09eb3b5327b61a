"""The command that says why a line gets what it gets, and what it would take."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from backorderkit.cli.explain_text import print_explanation
from backorderkit.cli.options import (
    AsOfOption,
    OutOption,
    PolicyName,
    PolicyOption,
    PromisesName,
    PromisesOption,
    RuleOption,
    RulesOption,
    SetAsideOption,
    Source,
    TextFormatOption,
    checked_outputs,
    chosen_moment,
    chosen_policy,
    chosen_rules,
    read_source,
    reject,
    unplaced_policy,
    wants_json,
)
from backorderkit.cli.output import prepare_text, tell_aside, write_output
from backorderkit.cli.progress import Progress
from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.formats import dumps_explanation
from backorderkit.model._consistency import problem_count
from backorderkit.model.ids import LineId, OrderId
from backorderkit.model.times import read_time
from backorderkit.promising import what_would_it_take

OrderArgument = Annotated[str, typer.Argument(metavar="ORDER", help="Whose order.")]
LineArgument = Annotated[str, typer.Argument(metavar="LINE", help="Which line of it.")]
ByOption = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="What would it take to be promised in full by this day; if absent, to be allocated"
        " now.",
    ),
]


def explain(
    context: typer.Context,
    source: Source,
    order: OrderArgument,
    line: LineArgument,
    by: ByOption = None,
    rules: RulesOption = None,
    policy: PolicyOption = PolicyName.FIFO,
    rule: RuleOption = None,
    promises: PromisesOption = PromisesName.FREE,
    as_of: AsOfOption = None,
    set_aside: SetAsideOption = False,
    format: TextFormatOption = None,  # noqa: A002 - the option's name
    out: OutOption = None,
) -> int:
    """
    Say why a line gets what it gets, and what would get it served.

    Nothing is committed.  Exit status: 0 explained (whatever helps), 3 explained
    without what was set aside, 2 bad input or usage (one line a problem, nothing
    written), 1 a defect of backorderkit.
    """
    file = chosen_rules(context, rules, ("policy", "rule", "promises"))
    chosen = unplaced_policy(file) if file else chosen_policy(policy, rule, promises)
    moment, wanted = chosen_moment(as_of), _wanted(by)
    out = checked_outputs(source, out, None, rules=[rules])
    with Progress() as progress:
        progress.start("Reading")
        partial = read_source(source, moment, set_aside=set_aside)
    tell_aside(partial)
    with Progress() as progress:
        progress.start("Planning")
        try:
            found = what_would_it_take(
                partial.snapshot, OrderId(order), LineId(line), policy=chosen, by=wanted
            )
        except InvalidValueError as error:
            if error.field == "by":
                reject(f"--by: got {by!r}, {error.reason}")
            raise InvalidInputError(problem_count("options", 1), [error]) from None
        progress.start("Writing")
        text = None
        if wants_json(format, out):
            text = dumps_explanation(found, set_aside=partial.set_aside)
        output = prepare_text(text, lambda file: print_explanation(found, file), out)
    return write_output(output, partial.set_aside)


def _wanted(by: str | None) -> datetime | None:
    """Read by when the line is wanted, if that is given."""
    if by is None:
        return None
    try:
        return read_time(by)
    except InvalidValueError as error:
        reject(f"--by: got {by!r}, {error.reason}")
