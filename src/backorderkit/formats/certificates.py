"""Certificates: what a run was given, how it was set up, and what it came to, as digests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from importlib.metadata import version as installed_version
from typing import Final

import attrs

from backorderkit.checking import Finding
from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.formats import fields as f
from backorderkit.formats.configuration import Configuration
from backorderkit.formats.json_reader import parse
from backorderkit.formats.partials import NOTHING_SET_ASIDE
from backorderkit.formats.plans import plan_json
from backorderkit.formats.record_reader import Kinds, RecordReader
from backorderkit.formats.writer import Json, snapshot_json
from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_label,
    check_text,
    check_whole,
    raise_first,
    refuse,
)
from backorderkit.model._consistency import problem_count
from backorderkit.model.snapshot import Snapshot
from backorderkit.planning import Plan

DIGEST: Final = r"^sha256:[0-9a-f]{64}$(?!\n)"
"""What a digest looks like."""

_NO_RULES: Final = "no configuration file"
_NO_DIGEST: Final = "must be sha256: and 64 hexadecimal digits"

_PAIR: Final = 2
_TOP: Final[Kinds] = {"format": "integer", "configuration": "record", "digests": "record"}
_CONFIGURATION: Final[Kinds] = {
    "policy": "label",
    "rule": "text or null",
    "options": "record",
    "version": "id",
    "format": "integer",
}
_DIGESTS: Final[Kinds] = {"input": "id", "configuration": "id", "output": "id"}
_RULES: Final = "rules"
"""The digest that only runs by a configuration file have."""


def _pairs(options: Iterable[tuple[str, str]] | Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    entries = options.items() if isinstance(options, Mapping) else options
    return tuple(sorted(as_tuple("options", entries), key=str))


@attrs.frozen(kw_only=True)
class RunSetup:
    """
    How a run was set up: all that a plan depends on besides its snapshot.

    Attributes:
        policy: The name of the policy, as the plan has it.
        rule: Its rule, if it has one.
        options: Further options by name, as pairs, sorted; given as pairs or a mapping.
        version: Of backorderkit; if absent, that which is installed.
        format: The number of the documents.

    >>> RunSetup(policy="fifo", options={"promises": "keep"}).options
    (('promises', 'keep'),)
    """

    policy: str
    rule: str | None = None
    options: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    version: str = attrs.field(factory=lambda: installed_version("backorderkit"))
    format: int = f.FORMAT

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_label(problems, "policy", self.policy)
        if self.rule is not None:
            check_text(problems, "rule", self.rule)
        names = set[object]()
        for pair in self.options:
            name, value = pair if isinstance(pair, tuple) and len(pair) == _PAIR else (None, None)
            check_text(problems, "options", name)
            check_label(problems, f"options.{name}", value)
            if name in names:
                refuse(problems, "options", name, "must stand there once")
            names.add(name)
        check_text(problems, "version", self.version)
        check_whole(problems, "format", self.format, least=1)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Certificate:
    """
    What a run left behind about itself.

    Each digest is ``sha256:`` and the SHA-256, in hexadecimal, of a JSON document in
    its canonical form: keys sorted, no blanks between tokens, UTF-8.  It does not
    depend on how a file is laid out, nor on whether the input was JSON or CSV.

    Attributes:
        configuration: How the run was set up.
        input_digest: Of the snapshot, as `write_snapshot` writes it.
        configuration_digest: Of the configuration.
        output_digest: Of the plan, as `write_plan` writes it.
        rules_digest: That of the configuration file, `Configuration.digest`; None if the
            run had none.
    """

    configuration: RunSetup
    input_digest: str
    configuration_digest: str
    output_digest: str
    rules_digest: str | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        if not isinstance(self.configuration, RunSetup):
            reason = "must be a RunSetup"
            refuse(problems, "configuration", self.configuration, reason)
        for name in ("input_digest", "configuration_digest", "output_digest", "rules_digest"):
            digest: object = getattr(self, name)
            if digest is None and name == "rules_digest":
                continue
            if not isinstance(digest, str) or not re.search(DIGEST, digest):
                refuse(problems, name, digest, _NO_DIGEST)
        raise_first(problems)


def certificate(
    snapshot: Snapshot, configuration: RunSetup, plan: Plan, *, rules: Configuration | None = None
) -> Certificate:
    """
    Say what was planned, how, and what came of it.

    Args:
        snapshot: What was planned.
        configuration: How.
        plan: What came of it.
        rules: The configuration file, if it was planned by one.

    Raises:
        InvalidValueError: if the plan is of another policy than the configuration says.

    >>> from backorderkit import Fifo, plan
    >>> book = Snapshot.of(as_of="2026-01-05", stock={"MUG": 3})
    >>> made = certificate(book, RunSetup(policy="fifo"), plan(book, policy=Fifo()))
    >>> made.input_digest[:22]
    'sha256:590d7a5d5bae5ef'
    """
    if plan.policy != configuration.policy:
        reason = f"must be that of the plan, {plan.policy}"
        raise InvalidValueError(field="policy", value=configuration.policy, reason=reason)
    return Certificate(
        configuration=configuration,
        input_digest=_digest_of("".join(snapshot_json(snapshot))),
        configuration_digest=_digest_of(json.dumps(_record(configuration))),
        output_digest=_digest_of("".join(plan_json(plan, NOTHING_SET_ASIDE))),
        rules_digest=None if rules is None else rules.digest,
    )


def check_certificate(
    certificate: Certificate,
    *,
    snapshot: Snapshot,
    plan: str | bytes,
    rules: Configuration | None = None,
) -> Iterator[Finding]:
    """
    Say what of a certificate is not so of a snapshot and a plan.

    A certificate is no signature: whoever can write all three can make them fit.

    Args:
        certificate: What was left behind.
        snapshot: What is said to have been planned.
        plan: The text of the JSON document that is said to have come of it.
        rules: The configuration file that is said to have been planned by, if any.

    Yields:
        K1: the snapshot is another one; K2: the configuration was changed, or the plan
        is of another policy; K3: the plan is another one; K4: the configuration file is
        another one, or there is one more or less.

    Raises:
        InvalidInputError: if the plan is no JSON.
    """
    read = parse(plan, "plan")
    policy = read.get("policy") if isinstance(read, dict) else None
    configuration = certificate.configuration
    is_own = policy == configuration.policy
    for number, name, said, found in (
        ("K1", "input", certificate.input_digest, _digest_of("".join(snapshot_json(snapshot)))),
        (
            "K2",
            "configuration",
            certificate.configuration_digest,
            _digest_of(json.dumps(_record(configuration))) if is_own else f"policy {policy}",
        ),
        ("K3", "output", certificate.output_digest, _digest_of(plan)),
        (
            "K4",
            "rules",
            certificate.rules_digest or _NO_RULES,
            _NO_RULES if rules is None else rules.digest,
        ),
    ):
        if said != found:
            text = f"it says {said}, found {found}"
            yield Finding(number=number, name=name, about="certificate", text=text)


def _digest_of(text: str | bytes) -> str:
    if isinstance(text, bytes):
        text = text.decode()
    read: object = json.loads(text.removeprefix("\ufeff"))
    canonical = json.dumps(read, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return f"sha256:{sha256(canonical.encode()).hexdigest()}"


def _record(configuration: RunSetup) -> dict[str, Json]:
    return {**attrs.asdict(configuration), "options": dict(configuration.options)}


def certificate_json(certificate: Certificate) -> str:
    """Write a certificate as the text of a JSON document."""
    rules = certificate.rules_digest
    document = {
        "format": f.FORMAT,
        "configuration": _record(certificate.configuration),
        "digests": {
            "input": certificate.input_digest,
            "configuration": certificate.configuration_digest,
            "output": certificate.output_digest,
            **({_RULES: rules} if rules else {}),
        },
    }
    return f"{json.dumps(document, ensure_ascii=False, indent=2)}\n"


def read_certificate_json(text: str | bytes, name: str) -> Certificate:
    """
    Read a certificate from the text of a JSON document.

    Raises:
        InvalidInputError: with all problems of the document.
    """
    reader = RecordReader(name)
    top = reader.record("", parse(text, name), _TOP) or {}
    if top.get("format") not in (None, f.FORMAT):
        reader.refuse("format", "format", top["format"], f"must be {f.FORMAT}")
    has_rules = isinstance(top.get("digests"), dict) and _RULES in top["digests"]
    kinds_of_digests = {**_DIGESTS, **({_RULES: "id"} if has_rules else {})}
    found, digests = (
        reader.record(field, top[field], kinds) if field in top else None
        for field, kinds in (("configuration", _CONFIGURATION), ("digests", kinds_of_digests))
    )
    for field, digest in (digests or {}).items():
        if not re.search(DIGEST, digest):
            reader.refuse(f"digests.{field}", field, digest, _NO_DIGEST)
    made = None
    if found and digests and not reader.problems:
        configuration = reader.made("configuration", RunSetup, **found)
        told = {f"{field}_digest": digest for field, digest in digests.items()}
        if configuration is not None:
            made = reader.made("digests", Certificate, configuration=configuration, **told)
    if made is None:
        raise InvalidInputError(problem_count(name, len(reader.problems)), reader.problems)
    return made
