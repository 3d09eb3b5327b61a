"""The command that checks a plan against its snapshot, and what a run certifies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from backorderkit.checking import CHECKS, check_plan
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
    certificate,
    check_certificate,
    dumps_certificate,
    loads_plan,
    read_certificate,
)
from backorderkit.formats.files import read_file
from backorderkit.formats.plan_reader import moment_of
from backorderkit.planning import Plan

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


def check(source: Source, plan: PlanArgument, certificate: ProofOption = None) -> int:
    """
    Check a plan against its snapshot, without planning it again.

    Exit status: 0 it holds, 4 it does not (one line a fault), 2 bad input or usage (one
    line a problem), 1 a defect of backorderkit.
    """
    if not source or not plan or certificate == "":
        reject("INPUT, PLAN, --certificate: must be a path")
    name = Path(plan).name or os.fspath(plan)
    with Progress() as progress:
        progress.start("Reading")
        text = read_file(plan, name)
        snapshot = read_source(source, moment_of(text, name), set_aside=False).snapshot
        document = loads_plan(text, snapshot=snapshot, name=name)
        proof = None if certificate is None else read_certificate(certificate)
        progress.start("Checking")
        found = check_plan(snapshot, document)
        faults = list(found.faults)
        if proof is not None:
            faults += check_certificate(proof, snapshot=snapshot, plan=text)
    said = [*map(str, faults), *(f"note: {note}" for note in found.notes)]
    if not faults:
        proven = "" if proof is None else "; it is the one that was certified"
        policy = on_one_line(document.policy)
        made = sum(not each.needs_rules for each in CHECKS)
        counts = f"{made} checks, {len(document.lines)} lines"
        said.append(f"The plan by {policy} holds: {counts}{proven}.")
    shown = "".join(f"{each}\n" for each in said)
    Output(shown, lambda file: file.write(shown), None).write()
    return FAULTY if faults else 0


def certified_text(made: Plan, rule: RuleName | None, options: dict[str, str]) -> str:
    """Write what a run of these options certifies."""
    configuration = Configuration(
        policy=made.policy,
        rule=None if rule is None else rule.value,
        options=options,
    )
    return dumps_certificate(certificate(made.snapshot, configuration, made))
