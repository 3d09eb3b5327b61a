"""Commands, options and exit statuses."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from enum import StrEnum
from importlib.metadata import version
from typing import Annotated, Final, NoReturn

import typer

from backorderkit.cli.output import STANDARD, Format, check_outputs, prepare_output
from backorderkit.cli.progress import Progress
from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.formats import loads_snapshot, read_snapshot
from backorderkit.model.times import read_time
from backorderkit.planning.planner import run as run_plan
from backorderkit.policies import AllocationPolicy, FairShare, Fifo, Priority, Rule

OK: Final = 0
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


class PolicyName(StrEnum):
    """The built-in policies."""

    FIFO = "fifo"
    PRIORITY = "priority"
    FAIR_SHARE = "fair-share"


class RuleName(StrEnum):
    """The rules of a fair share."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"
    EQUAL_LOSSES = "equal-losses"


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


Source = Annotated[
    str,
    typer.Argument(
        metavar="INPUT",
        help="A snapshot: a JSON file, a folder of CSV files, or - for JSON on standard input.",
    ),
]
PolicyOption = Annotated[PolicyName, typer.Option(help="Who gets scarce supply.")]
RuleOption = Annotated[
    RuleName | None,
    typer.Option(help="How fair-share shares.  [default: proportional]", show_default=False),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="The moment of planning, ISO 8601; beats the document's. A CSV folder has none.",
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        help="What to write.  [default: table, or by the ending of --out]", show_default=False
    ),
]
OutOption = Annotated[
    str | None, typer.Option(metavar="PATH", help="Write there, not to standard output.")
]
OutcomeOption = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Also write the snapshot after the plan: JSON, or CSV files if PATH ends in /.",
    ),
]


@app.command()
def plan(
    source: Source,
    policy: PolicyOption = PolicyName.FIFO,
    rule: RuleOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,  # noqa: A002 - the option's name
    out: OutOption = None,
    outcome: OutcomeOption = None,
) -> None:
    """
    Share what is there and what is to come among the open orders.

    Exit status: 0 planned (a shortage is a normal result), 2 bad input or usage
    (one line a problem, nothing written), 1 a defect of backorderkit.
    """
    chosen = _policy(policy, rule)
    moment = None
    if as_of is not None:
        try:
            moment = read_time(as_of)
        except InvalidValueError as error:
            _reject(f"--as-of: got {as_of!r}, {error.reason}")
    if not source:
        _reject("INPUT: must be a path")
    problem = check_outputs(source, out := None if out == STANDARD else out, outcome)
    if problem is not None:
        _reject(problem)
    with Progress() as progress:
        progress.start("Reading")
        if source == STANDARD:
            snapshot = loads_snapshot(_standard_input(), as_of=moment, name="<stdin>")
        else:
            snapshot = read_snapshot(source, as_of=moment)
        progress.start("Planning")
        made = run_plan(snapshot, chosen, progress.advance)
        progress.start("Writing")
        output = prepare_output(made, format, out, outcome)
    output.write()


def _policy(policy: PolicyName, rule: RuleName | None) -> AllocationPolicy:
    if rule is not None and policy is not PolicyName.FAIR_SHARE:
        _reject(f"--rule: belongs to --policy fair-share, not {policy.value}")
    match policy:
        case PolicyName.FIFO:
            return Fifo()
        case PolicyName.PRIORITY:
            return Priority()
        case PolicyName.FAIR_SHARE:
            return FairShare(rule=_RULES[rule or RuleName.PROPORTIONAL])


_RULES: Final[dict[RuleName, Rule]] = {
    RuleName.PROPORTIONAL: "proportional",
    RuleName.EQUAL: "equal",
    RuleName.EQUAL_LOSSES: "equal-losses",
}


def _standard_input() -> bytes:
    if sys.stdin is None:
        _reject("<stdin>: must be readable (it is closed)")
    return sys.stdin.buffer.read()


def silence_stdout() -> None:
    """Let what is still to be printed go nowhere: its reader has enough of it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reject(message: str) -> NoReturn:
    raise typer.BadParameter(message)


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
