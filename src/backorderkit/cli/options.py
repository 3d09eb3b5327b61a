"""What the commands have in common: their options, and how these are taken."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, NoReturn

import typer

from backorderkit.cli.output import (
    STANDARD,
    Format,
    check_certificate_path,
    check_outputs,
    check_rules_path,
)
from backorderkit.errors import InvalidValueError
from backorderkit.formats import (
    Configuration,
    Partial,
    loads_partial,
    loads_snapshot,
    read_configuration,
    read_partial,
    read_snapshot,
)
from backorderkit.model.times import read_time
from backorderkit.policies import (
    AllocationPolicy,
    FairShare,
    FewestShipments,
    Fifo,
    FullestFirst,
    InLocationOrder,
    KeepPromises,
    Placing,
    Priority,
    Rule,
)
from backorderkit.policies.placing import may_split


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


class PromisesName(StrEnum):
    """What a plan does with promises that were told before."""

    FREE = "free"
    KEEP = "keep"
    HOLD = "hold"


class PlacingName(StrEnum):
    """The built-in placings that need nothing of the host."""

    LOCATION_ORDER = "location-order"
    FEWEST_SHIPMENTS = "fewest-shipments"
    FULLEST_FIRST = "fullest-first"


class SplitName(StrEnum):
    """Whether one line may get units of several locations."""

    ALLOWED = "allowed"
    AVOID = "avoid"
    NEVER = "never"


class TextFormat(StrEnum):
    """What an explanation or a preview is written as."""

    TEXT = "text"
    JSON = "json"


STANDARD_RULE: Final = RuleName.PROPORTIONAL
"""How a fair share shares if nobody says."""

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
PromisesOption = Annotated[
    PromisesName,
    typer.Option(
        help="Told promises: free to move, keep (never later while supply allows), or hold"
        " (nor earlier)."
    ),
]
PlacingOption = Annotated[
    PlacingName, typer.Option(help="From which location units come, where there are several.")
]
SplitOption = Annotated[
    SplitName,
    typer.Option(
        help="One line from several locations: allowed, avoid (only if none has all), or never"
        " (it gets what one can give)."
    ),
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
TextFormatOption = Annotated[
    TextFormat | None,
    typer.Option(
        help="What to write.  [default: text, or by the ending of --out]", show_default=False
    ),
]
OutOption = Annotated[
    str | None, typer.Option(metavar="PATH", help="Write there, not to standard output.")
]

RulesOption = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="A configuration file (TOML): policy, segments, contracts, quotas and so on, instead"
        " of the options for these.",
    ),
]

SetAsideOption = Annotated[
    bool,
    typer.Option(
        "--set-aside",
        help="Go on without SKUs that have problems and orders that touch them; list them.",
    ),
]


def chosen_policy(
    policy: PolicyName,
    rule: RuleName | None,
    promises: PromisesName = PromisesName.FREE,
    *,
    options: tuple[str, str] = ("--policy", "--rule"),
) -> AllocationPolicy:
    """Make the policy that was asked for, by these two options."""
    within = _policy(policy, rule, options)
    if promises is PromisesName.FREE:
        return within
    return KeepPromises(within, pull_in=promises is PromisesName.KEEP)


def chosen_rules(
    context: typer.Context, path: str | None, beside: Iterable[str], *, option: str = "--rules"
) -> Configuration | None:
    """
    Read the configuration file, if one is given.

    Args:
        context: Of the command.
        path: The file.
        beside: The parameters that the file stands for: they must not be given.
        option: Which names the file.
    """
    if path is None:
        return None
    sources = {name: context.get_parameter_source(name) for name in beside}
    given = [
        f"--{name.strip('_').replace('_', '-')}"
        for name, source in sources.items()
        if source is not None and source.name != "DEFAULT"
    ]
    if given:
        reject(f"{option}: must not stand with {', '.join(given)}: the file says that")
    if not path:
        reject(f"{option}: must be a path")
    return read_configuration(path)


def unplaced_policy(found: Configuration) -> AllocationPolicy:
    """Give the policy of a file where nothing is placed: that must change nobody's quantity."""
    if not may_split(found.placing):
        reject("--rules: split must not be never here, where only quantities and dates count")
    return found.policy


def chosen_placing(placing: PlacingName, split: SplitName, promises: PromisesName) -> Placing:
    """Make the placing that was asked for, by these two options."""
    if split is SplitName.NEVER and promises is not PromisesName.FREE:
        reject(f"--split: must not be never with --promises {promises.value}")
    return _PLACINGS[placing](split=split.value)


_PLACINGS: Final[dict[PlacingName, Callable[..., Placing]]] = {
    PlacingName.LOCATION_ORDER: InLocationOrder,
    PlacingName.FEWEST_SHIPMENTS: FewestShipments,
    PlacingName.FULLEST_FIRST: FullestFirst,
}


def _policy(
    policy: PolicyName, rule: RuleName | None, options: tuple[str, str]
) -> AllocationPolicy:
    if rule is not None and policy is not PolicyName.FAIR_SHARE:
        reject(f"{options[1]}: belongs to {options[0]} fair-share, not {policy.value}")
    match policy:
        case PolicyName.FIFO:
            return Fifo()
        case PolicyName.PRIORITY:
            return Priority()
        case PolicyName.FAIR_SHARE:
            return FairShare(rule=_RULES[rule or STANDARD_RULE])


_RULES: Final[dict[RuleName, Rule]] = {
    RuleName.PROPORTIONAL: "proportional",
    RuleName.EQUAL: "equal",
    RuleName.EQUAL_LOSSES: "equal-losses",
}


def rule_of(policy: PolicyName, rule: RuleName | None) -> RuleName | None:
    """Say by which rule a fair share shares; None for other policies."""
    return rule or STANDARD_RULE if policy is PolicyName.FAIR_SHARE else rule


def _standard_input() -> bytes:
    if sys.stdin is None:
        reject("<stdin>: must be readable (it is closed)")
    return sys.stdin.buffer.read()


def chosen_moment(as_of: str | None) -> datetime | None:
    """Read the moment of planning, if one is given."""
    if as_of is None:
        return None
    try:
        return read_time(as_of)
    except InvalidValueError as error:
        reject(f"--as-of: got {as_of!r}, {error.reason}")


def checked_outputs(
    source: str,
    out: str | None,
    outcome: str | None,
    certificate: str | None = None,
    rules: Iterable[str | None] = (),
) -> str | None:
    """Refuse paths that cannot be read or written; give the file to write, if it is one."""
    if not source:
        reject("INPUT: must be a path")
    out = None if out == STANDARD else out
    problem = check_outputs(source, out, outcome)
    if problem is None and certificate is not None:
        others = {"INPUT": source, "--out": out, "--outcome": outcome}
        problem = check_certificate_path(certificate, others)
    for path in rules:
        written = {"--out": out, "--outcome": outcome, "--certificate": certificate}
        problem = problem or check_rules_path(path, written)
    if problem is not None:
        reject(problem)
    return out


def read_source(source: str, moment: datetime | None, *, set_aside: bool) -> Partial:
    """Read the snapshot from a path, or from standard input: all of it, or what has no problems."""
    if source == STANDARD:
        text = _standard_input()
        if set_aside:
            return loads_partial(text, as_of=moment, name="<stdin>")
        return Partial(snapshot=loads_snapshot(text, as_of=moment, name="<stdin>"))
    if set_aside:
        return read_partial(source, as_of=moment)
    return Partial(snapshot=read_snapshot(source, as_of=moment))


def wants_json(format: TextFormat | None, out: str | None) -> bool:  # noqa: A002 - the option's name
    """Tell whether JSON is asked for, by name or by the ending of the file."""
    if format is None:
        return out is not None and out.endswith(".json")
    return format is TextFormat.JSON


def reject(message: str) -> NoReturn:
    """Refuse the usage, in one line."""
    raise typer.BadParameter(message)
