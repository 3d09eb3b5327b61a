"""Everything this library raises on purpose.  A shortage is never among it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

_LONGEST_SHOWN = 60


class BackorderKitError(Exception):
    """Root of everything this library raises on purpose."""


class InvalidValueError(BackorderKitError, ValueError):
    """
    A field holds something that its meaning forbids.

    A value with several bad fields is refused once: the first problem is the
    error, the others stand in *also* and, for people, in its notes.

    Attributes:
        field: Name of the field, as in the documents.
        value: What was found there.
        reason: What it should have been, as a phrase: ``must be > 0``.
        path: Where in a larger whole: ``orders[0].lines[1].ordered``.
        context: Which order, line, SKU and location it concerns.
        also: Further problems of the same value.

    >>> error = InvalidValueError(field="ordered", value=-1, reason="must be > 0")
    >>> str(error)
    'ordered: got -1, must be > 0'
    """

    def __init__(
        self,
        *,
        field: str,
        value: object,
        reason: str,
        path: str = "",
        context: str = "",
        also: Iterable[InvalidValueError] = (),
    ) -> None:
        self.field = field
        self.value = value
        self.reason = reason
        self.path = path or field
        self.context = context
        self.also = tuple(also)
        suffix = f" ({context})" if context else ""
        super().__init__(on_one_line(f"{self.path}: got {shown(value)}, {reason}{suffix}"))
        for other in self.also:
            self.add_note(f"also {other}")

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the facts, which come by keyword only."""
        return _rebuilt, (type(self), self._facts())

    def _facts(self) -> dict[str, object]:
        return {
            "field": self.field,
            "value": self.value,
            "reason": self.reason,
            "path": self.path,
            "context": self.context,
            "also": self.also,
        }

    @property
    def problems(self) -> tuple[InvalidValueError, ...]:
        """This problem and all further ones of the same value."""
        return (self, *self.also)


class IllegalTransitionError(InvalidValueError):
    """
    Something was asked to make a step that its status forbids.

    Attributes:
        status: How it stands, by its life cycle: ``cancelled``.
        step: What was asked of it: ``ship``.
    """

    def __init__(
        self,
        *,
        field: str,
        value: object,
        reason: str,
        path: str = "",
        context: str = "",
        also: Iterable[InvalidValueError] = (),
        status: str,
        step: str,
    ) -> None:
        super().__init__(
            field=field, value=value, reason=reason, path=path, context=context, also=also
        )
        self.status = status
        self.step = step

    def _facts(self) -> dict[str, object]:
        return {**super()._facts(), "status": self.status, "step": self.step}


class InvalidInputError(BackorderKitError, ExceptionGroup[InvalidValueError]):
    """
    A whole (a snapshot, a document, a list of changes) was refused.

    It is an ``ExceptionGroup`` with one `InvalidValueError` for each problem, so
    ``except*`` works; nothing of the whole was taken over.
    """

    def __new__(cls, message: str, problems: Sequence[InvalidValueError]) -> Self:
        """Make the group; *problems* must not be empty."""
        return super().__new__(cls, message, problems)

    # The stubs let a group of this class hold anything; this one holds its own problems.
    def derive(self, excs: Sequence[InvalidValueError], /) -> InvalidInputError:  # type: ignore[override]
        """Keep the type when ``except*`` splits the group."""
        return InvalidInputError(self.message, excs)


class PolicyViolationError(BackorderKitError):
    """
    An allocation policy, or a placing, gave an answer that its contract forbids.

    Attributes:
        policy: Name of the policy, or of the placing.
        clause: ``P1`` to ``P6`` of `AllocationPolicy`, ``L1`` to ``L6`` of `Placing`, or
            the name of a law that the policy declares.
        detail: What it answered to which question.
    """

    def __init__(self, *, policy: str, clause: str, detail: str) -> None:
        super().__init__(f"policy {policy!r} broke {clause}: {detail}")
        self.policy = policy
        self.clause = clause
        self.detail = detail

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the facts, which come by keyword only."""
        facts = {"policy": self.policy, "clause": self.clause, "detail": self.detail}
        return _rebuilt, (type(self), facts)


class StoreError(BackorderKitError):
    """
    A store could not do what it was asked to.

    Attributes:
        retryable: Whether asking again may help.
    """

    retryable = False


class NotFoundError(StoreError, LookupError):
    """What was asked for is not in the store."""


class ConflictError(StoreError):
    """Somebody else changed what a commit is based on; nothing was changed by it."""

    retryable = True


class DuplicateError(StoreError):
    """What is new to a commit is in the store already; nothing was changed by it."""


class UnavailableError(StoreError):
    """
    The store cannot be reached, or gave no answer.

    A commit may or may not have had its effect: ask again with the same key, and
    it has it once.
    """

    retryable = True


def _rebuilt(kind: type[BackorderKitError], facts: dict[str, object]) -> BackorderKitError:
    return kind(**facts)


def shown(value: object) -> str:
    """
    Show an offending value on one line, short enough for a message.

    >>> shown("9" * 5000)
    "'999999999999999999999999999…' (5000 characters)"
    """
    if value is None:
        return "nothing"
    if isinstance(value, str) and len(value) > _LONGEST_SHOWN:
        return f"{ascii(brief(value)[:-1])[:-1]}…' ({len(value)} characters)"
    if isinstance(value, int) and value.bit_length() > 4 * _LONGEST_SHOWN:
        return f"an integer of {value.bit_length()} bits"
    # Whatever a foreign repr() raises, the refusal that shows the value must not get lost.
    try:
        text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    except Exception:  # noqa: BLE001 - as above
        return f"a {type(value).__name__.strip('_').lower()} that cannot be shown"
    return text if len(text) <= 2 * _LONGEST_SHOWN else text[: 2 * _LONGEST_SHOWN] + "…"


def brief(text: str) -> str:
    """
    Cut a text so that a message can hold it.

    >>> brief("x" * 5000)
    'xxxxxxxxxxxxxxxxxxxxxxxxxxx…'
    """
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN // 2 - 3]}…"


def on_one_line(text: str) -> str:
    r"""
    Escape what would break a line or steer a terminal: ids may hold anything.

    >>> on_one_line("SO-1\x1b[2J")
    'SO-1\\x1b[2J'
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
