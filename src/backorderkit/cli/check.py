"""The command that checks a plan against its snapshot, and what a run certifies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from backorderkit.checking import CHECKS, Finding, PlanDocument, check_plan
from backorderkit.cli.options import (
    RuleName,
    Source,
    read_source,
    reject,
)
from backorderkit.cli.output import Output
from backorderkit.cli.progress import Progress
from backorderkit.errors import on_one_line
from backorderkit.formats import (
    Configuration,
    RunSetup,
    certificate,
    check_certificate,
    dumps_certificate,
    loads_plan,
    read_certificate,
    read_configuration,
    rules_to_check,
)
from backorderkit.formats.files import read_file
from backorderkit.formats.plan_reader import moment_of
from backorderkit.planning import Plan
from backorderkit.planning.planner import UNSPLIT
from backorderkit.policies import Rules
from backorderkit.policies.placing import may_split
from backorderkit.policies.protocol import policy_name

FAULTY: Final = 4

CertificateOption = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Also write digests of the input, the configuration and the plan, as JSON.",
    ),
]
PlanArgument = Annotated[
    str, typer.Argument(metavar="PLAN", help="The plan that is said to be of it: a JSON file.")
]
ProofOption = Annotated[
    str | None,
    typer.Option(
        "--certificate", metavar="PATH", help="Also check the certificate that the run left."
    ),
]


FileOption = Annotated[
    str | None,
    typer.Option(
        "--rules",
        metavar="PATH",
        help="Also check that the plan keeps to this configuration file, and that the certificate"
        " names it.",
    ),
]


def check(
    source: Source,
    plan: PlanArgument,
    certificate: ProofOption = None,
    rules: FileOption = None,
) -> int:
    """
    Check a plan against its snapshot, without planning it again.

    Exit status: 0 it holds, 4 it does not (one line a fault), 2 bad input or usage (one
    line a problem), 1 a defect of backorderkit.
    """
    if not source or not plan or "" in {certificate, rules}:
        reject("INPUT, PLAN, --certificate, --rules: must be a path")
    name = Path(plan).name or os.fspath(plan)
    with Progress() as progress:
        progress.start("Reading")
        text = read_file(plan, name)
        snapshot = read_source(source, moment_of(text, name), set_aside=False).snapshot
        document = loads_plan(text, snapshot=snapshot, name=name)
        proof = None if certificate is None else read_certificate(certificate)
        file = None if rules is None else read_configuration(rules)
        progress.start("Checking")
        policy = None if file is None else file.policy
        agreed = rules_to_check(policy) if isinstance(policy, Rules) else None
        found = check_plan(snapshot, document, rules=agreed)
        faults = list(found.faults)
        if file is not None:
            faults += check_rules(file, document)
        if proof is not None:
            faults += check_certificate(proof, snapshot=snapshot, plan=text, rules=file)
    said = [*map(str, faults), *(f"note: {note}" for note in found.notes)]
    if not faults:
        proven = "" if proof is None else "; it is the one that was certified"
        made = sum(agreed is not None or not each.needs_rules for each in CHECKS)
        counts = f"{made} checks, {len(document.lines)} lines"
        said.append(f"The plan by {on_one_line(document.policy)} holds: {counts}{proven}.")
    shown = "".join(f"{each}\n" for each in said)
    Output(shown, lambda file: file.write(shown), None).write()
    return FAULTY if faults else 0


def check_rules(file: Configuration, document: PlanDocument) -> Iterator[Finding]:
    """Say it if a plan is by another policy than a configuration file gives."""
    given = policy_name(file.policy) + ("" if may_split(file.placing) else UNSPLIT)
    if given != document.policy:
        text = f"is by {document.policy}, and the configuration file gives {given}"
        yield Finding(number="K5", name="policy", about="plan", text=text)


def certified_text(
    made: Plan,
    rule: RuleName | None,
    options: dict[str, str],
    file: Configuration | None = None,
) -> str:
    """Write what a run of these options, or of this configuration file, certifies."""
    configuration = RunSetup(
        policy=made.policy,
        rule=None if rule is None else rule.value,
        # What the file says is in its digest.
        options=options if file is None else {},
    )
    return dumps_certificate(certificate(made.snapshot, configuration, made, rules=file))
