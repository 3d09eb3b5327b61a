"""Commands, options and exit statuses."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Annotated, Final

import typer

from backorderkit.cli.check import CertificateOption, certified_text, check
from backorderkit.cli.compare import compare
from backorderkit.cli.explain import explain
from backorderkit.cli.impact import impact
from backorderkit.cli.options import (
    AsOfOption,
    FormatOption,
    OutOption,
    PlacingName,
    PlacingOption,
    PolicyName,
    PolicyOption,
    PromisesName,
    PromisesOption,
    RuleOption,
    RulesOption,
    SetAsideOption,
    Source,
    SplitName,
    SplitOption,
    checked_outputs,
    chosen_moment,
    chosen_placing,
    chosen_policy,
    chosen_rules,
    read_source,
    reject,
    rule_of,
)
from backorderkit.cli.output import OK, prepare_output, silence_stdout, tell_aside, write_output
from backorderkit.cli.progress import Progress
from backorderkit.cli.segments import segments
from backorderkit.errors import InvalidInputError
from backorderkit.planning.planner import run as run_plan

DEFECT: Final = 1
REFUSED: Final = 2
INTERRUPTED: Final = 130

# typer brings its own copy of click, or uses the package, depending on its version.
_UsageError: type[Exception] = next(
    each for each in typer.BadParameter.__mro__ if each.__name__ == "ClickException"
)
_Abort: type[Exception] = typer.Abort

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def run(argv: Sequence[str]) -> int:
    """Run a command and give the exit status; every refusal is a line on standard error."""
    if sys.stderr is None:
        # Closed by who started us: complaints then go nowhere, and the status tells.
        sys.stderr = io.StringIO()
    try:
        status = app(args=list(argv), prog_name="backorderkit", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except InvalidInputError as error:
        return _refuse(str(problem) for problem in error.exceptions)
    except _UsageError as error:
        return _refuse([_usage_message(error)])
    except BrokenPipeError:
        silence_stdout()
        return OK
    except OSError as error:
        return _refuse([f"{error.filename or 'output'}: cannot be written ({error.strerror})"])
    except (KeyboardInterrupt, _Abort):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort of a program
        return _confess(error)
    return status if isinstance(status, int) else OK


def _show_version(on: bool) -> None:  # noqa: FBT001 - as typer calls it
    if on:
        print(f"backorderkit {version('backorderkit')}")
        raise typer.Exit


@app.callback()
def backorderkit(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version),
    ] = False,
) -> None:
    """Backorder logic: who gets scarce stock, dated promises for the rest, and why."""


OutcomeOption = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Also write the snapshot after the plan: JSON, or CSV files if PATH ends in /.",
    ),
]


@app.command()
def plan(
    context: typer.Context,
    source: Source,
    rules: RulesOption = None,
    policy: PolicyOption = PolicyName.FIFO,
    rule: RuleOption = None,
    promises: PromisesOption = PromisesName.FREE,
    placing: PlacingOption = PlacingName.LOCATION_ORDER,
    split: SplitOption = SplitName.ALLOWED,
    as_of: AsOfOption = None,
    set_aside: SetAsideOption = False,
    format: FormatOption = None,  # noqa: A002 - the option's name
    out: OutOption = None,
    outcome: OutcomeOption = None,
    certificate: CertificateOption = None,
) -> int:
    """
    Share what is there and what is to come among the open orders.

    Exit status: 0 planned (a shortage is a normal result, and so is a contract that
    cannot be kept), 3 planned without what was set aside, 2 bad input or usage (one
    line a problem, nothing written), 1 a defect of backorderkit.
    """
    file = chosen_rules(context, rules, ("policy", "rule", "promises", "placing", "split"))
    chosen = file.policy if file else chosen_policy(policy, rule, promises)
    source_of = file.placing if file else chosen_placing(placing, split, promises)
    moment = chosen_moment(as_of)
    out = checked_outputs(source, out, outcome, certificate, [rules])
    if set_aside and certificate is not None:
        reject("--certificate: must not stand with --set-aside: only a whole input can be checked")
    if set_aside and outcome is not None:
        reject("--outcome: must not stand with --set-aside: it would lack what is set aside")
    with Progress() as progress:
        progress.start("Reading")
        partial = read_source(source, moment, set_aside=set_aside)
    tell_aside(partial)
    with Progress() as progress:
        progress.start("Planning")
        made = run_plan(partial.snapshot, chosen, progress.advance, placing=source_of)
        progress.start("Writing")
        certified = None
        if certificate is not None:
            options = {
                "policy": policy.value,
                "promises": promises.value,
                "placing": placing.value,
                "split": split.value,
            }
            own_rule = None if file else rule_of(policy, rule)
            text = certified_text(made, own_rule, options, file)
            certified = text, certificate
        output = prepare_output(made, partial.set_aside, format, out, outcome, certified)
    return write_output(output, partial.set_aside)


app.command()(impact)
app.command()(compare)
app.command()(explain)
app.command()(segments)
app.command()(check)


def _usage_message(error: Exception) -> str:
    text: str = getattr(error, "format_message", lambda: str(error))()
    return " ".join(text.removeprefix("Invalid value: ").split())


def _refuse(problems: Iterable[str]) -> int:
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return REFUSED


def _confess(error: Exception) -> int:
    if os.environ.get("BACKORDERKIT_DEBUG"):
        traceback.print_exception(error)
    what = " ".join(f"{type(error).__name__}: {error}".split())
    print(
        f"backorderkit: a defect of ours, please report it: {what}"
        " (BACKORDERKIT_DEBUG=1 shows where)",
        file=sys.stderr,
    )
    return DEFECT
