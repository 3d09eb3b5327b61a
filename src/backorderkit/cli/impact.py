"""The command that says what slips when receipts move."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Final

import typer

from backorderkit.cli.options import (
    AsOfOption,
    FormatOption,
    OutOption,
    PolicyName,
    PolicyOption,
    PromisesName,
    PromisesOption,
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
    unplaced_policy,
)
from backorderkit.cli.output import prepare_impact, tell_aside, write_output
from backorderkit.cli.progress import Progress
from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.model._checks import Problems, pass_on, refuse
from backorderkit.model._consistency import problem_count
from backorderkit.model.ids import ReceiptId
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.times import read_time
from backorderkit.policies import AllocationPolicy
from backorderkit.promising import Impact, ReceiptMove
from backorderkit.promising import impact as find_impact
from backorderkit.promising import rescues as find_rescues

DueOption = Annotated[
    list[str] | None,
    typer.Option(metavar="ID=TIME", help="This receipt comes then.  May be repeated."),
]
QuantityOption = Annotated[
    list[str] | None,
    typer.Option(metavar="ID=N", help="So much comes of it, in the item's unit.  As above."),
]
GoneOption = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="It does not come at all.  As above."),
]
RescuesOption = Annotated[
    int,
    typer.Option(metavar="N", help="Look for other supply that saves so many of the worst lines."),
]

WORST: Final = 100
"""How many lines are looked at if nobody says: about what somebody reads."""


def impact(
    context: typer.Context,
    source: Source,
    due: DueOption = None,
    quantity: QuantityOption = None,
    gone: GoneOption = None,
    rescues: RescuesOption = WORST,
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
    Say which lines get another date if receipts move, shrink or do not come.

    Nothing is committed.  Exit status: 0 compared (whatever slips), 3 compared without
    what was set aside, 2 bad input or usage (one line a problem, nothing written), 1 a
    defect of backorderkit.
    """
    file = chosen_rules(context, rules, ("policy", "rule", "promises"))
    chosen = unplaced_policy(file) if file else chosen_policy(policy, rule, promises)
    moment = chosen_moment(as_of)
    asked = _Asked(due or (), quantity or (), gone or ())
    if rescues < 0:
        reject(f"--rescues: got {rescues}, must be >= 0")
    out = checked_outputs(source, out, None, rules=[rules])
    with Progress() as progress:
        progress.start("Reading")
        partial = read_source(source, moment, set_aside=set_aside)
    tell_aside(partial)
    with Progress() as progress:
        progress.start("Planning")
        found = asked.impact(partial.snapshot, chosen)
        progress.start("Looking for other supply")
        saved = find_rescues(found, lines=found.lines[:rescues])
        progress.start("Writing")
        output = prepare_impact(found, saved, partial.set_aside, format, out)
    return write_output(output, partial.set_aside)


class _Asked:
    """What the options ask for, receipt by receipt."""

    def __init__(self, dues: Iterable[str], quantities: Iterable[str], gone: Iterable[str]) -> None:
        """Take the options; refuse what cannot be read of any."""
        problems: Problems = []
        self._dues = dict[str, datetime]()
        for id_, text in _pairs(problems, "--due", "ID=TIME", dues):
            try:
                self._dues[id_] = read_time(text)
            except InvalidValueError as error:
                refuse(problems, "--due", f"{id_}={text}", error.reason)
        self._quantities = dict(_pairs(problems, "--quantity", "ID=N", quantities))
        self._gone = set(gone)
        if problems:
            raise InvalidInputError(problem_count("options", len(problems)), problems)
        self._ids = sorted({*self._dues, *self._quantities, *self._gone})
        if not self._ids:
            reject("--due, --quantity or --gone: must name a receipt")

    def impact(self, snapshot: Snapshot, policy: AllocationPolicy) -> Impact:
        """
        Compare the plans.

        Raises:
            InvalidInputError: with every receipt that is unknown or cannot be so.
        """
        problems: Problems = []
        moves: list[ReceiptMove] = []
        known = {receipt.id: receipt for receipt in snapshot.receipts}
        for id_ in self._ids:
            receipt = known.get(ReceiptId(id_))
            if receipt is None:
                refuse(problems, "receipt", id_, "must be a scheduled receipt")
                continue
            text = self._quantities.get(id_)
            try:
                unit = snapshot.item(receipt.sku).measure
                move = ReceiptMove(
                    receipt=receipt.id,
                    due=self._dues.get(id_),
                    quantity=None if text is None else unit.to_smallest(text),
                    gone=id_ in self._gone,
                )
            except InvalidValueError as error:
                pass_on(problems, error, f"receipt {id_}: ")
                continue
            if move.moved(receipt) == receipt:
                refuse(problems, "receipt", id_, "must be moved to another time or quantity")
            moves.append(move)
        if problems:
            raise InvalidInputError(problem_count("options", len(problems)), problems)
        return find_impact(snapshot, moves, policy=policy)


def _pairs(
    problems: Problems, option: str, form: str, given: Iterable[str]
) -> list[tuple[str, str]]:
    """Take options apart at their last equals sign: an id may hold others."""
    pairs = dict[str, str]()
    for text in given:
        id_, equals, value = text.rpartition("=")
        if not (id_ and equals and value):
            refuse(problems, option, text, f"must be {form}")
        elif id_ in pairs:
            refuse(problems, option, text, f"must name {id_} once")
        else:
            pairs[id_] = value
    return list(pairs.items())
