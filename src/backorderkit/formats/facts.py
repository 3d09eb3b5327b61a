"""
Facts and commands as records of JSON values, one by one: for ledgers, queues and logs.

It needs the extra ``events``, which brings cattrs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar, get_args, get_origin, get_type_hints

from backorderkit.changes import Change, Event, Fact
from backorderkit.commands import COMMANDS, Command
from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.formats.writer import Json
from backorderkit.model._consistency import problem_count
from backorderkit.model.times import read_time, write_time

try:
    from cattrs import BaseValidationError, Converter
    from cattrs.errors import (
        AttributeValidationNote,
        ForbiddenExtraKeysError,
        IterableValidationNote,
    )
except ModuleNotFoundError as error:
    if error.name != "cattrs":
        raise
    msg = "backorderkit.formats.facts needs cattrs: pip install 'backorderkit[events]'"
    raise ImportError(msg) from None

__all__ = ["command_record", "fact_record", "read_command", "read_fact"]

Record = Mapping[str, object]
"""A JSON object that somebody wrote."""

_Value = TypeVar("_Value")

_NO_NUMBER: Final = Decimal("NaN")
_MANY_SECONDS: Final = Decimal(timedelta.max // timedelta(seconds=1))

_FACTS: Final[tuple[type[Fact], ...]] = (*get_args(Change), *get_args(Event))


def fact_record(fact: Fact) -> dict[str, Json]:
    """
    Write a fact as a JSON object with its ``type``; quantities are in smallest units.

    A fact stands alone, without its item, so there is no unit to write it in.

    Raises:
        InvalidValueError: if it is no fact.

    >>> from backorderkit.changes import Backordered
    >>> from backorderkit.model import LineId, OrderId
    >>> fact_record(Backordered(order=OrderId("SO-1"), line=LineId("1"), quantity=2))
    {'type': 'backordered', 'order': 'SO-1', 'line': '1', 'quantity': 2}
    """
    return _record(fact, _FACTS, "fact")


def read_fact(record: Record) -> Fact:
    """
    Read what `fact_record` wrote.

    Raises:
        InvalidInputError: with every problem of the record.
    """
    return _read(record, _BY_FACT, "fact")


def command_record(command: Command) -> dict[str, Json]:
    """
    Write a command as a JSON object with its ``type``, as `fact_record` does.

    Raises:
        InvalidValueError: if it is no command.

    >>> from backorderkit.commands import CancelOrder
    >>> from backorderkit.model import OrderId
    >>> command_record(CancelOrder(order=OrderId("SO-1")))["type"]
    'cancel_order'
    """
    return _record(command, COMMANDS, "command")


def read_command(record: Record) -> Command:
    """
    Read what `command_record` wrote.

    Raises:
        InvalidInputError: with every problem of the record.
    """
    return _read(record, _BY_COMMAND, "command")


def type_name(kind: type) -> str:
    """
    Give the name of a kind of fact or command in documents.

    >>> from backorderkit.commands import PlaceOrder
    >>> type_name(PlaceOrder)
    'place_order'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


def _record(value: object, kinds: tuple[type, ...], what: str) -> dict[str, Json]:
    if type(value) not in kinds:
        raise InvalidValueError(field=what, value=value, reason=f"must be a {what}")
    written: dict[str, Json] = _CONVERTER.unstructure(value)
    return {"type": type_name(type(value)), **written}


def _read(record: object, kinds: Mapping[str, type[_Value]], what: str) -> _Value:
    if not isinstance(record, Mapping):
        raise _refused(what, [_problem(what, record, "must be a JSON object")])
    name = record.get("type")
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        reason = f"must be one of {', '.join(sorted(kinds))}"
        raise _refused(what, [_problem(f"{what}.type", name, reason)])
    lists = [
        _problem(f"{what}.{name}", record[name], "must be a list")
        for name, hint in get_type_hints(kind).items()
        if get_origin(hint) is tuple and not isinstance(record.get(name, []), list | tuple)
    ]
    if lists:
        # Whatever can be iterated would do else, a text letter by letter.
        raise _refused(what, lists)
    fields = {key: value for key, value in record.items() if key != "type"}
    try:
        return _CONVERTER.structure(fields, kind)
    except BaseValidationError as error:
        raise _refused(what, list(_problems(error, what))) from None


def _problems(error: BaseValidationError, path: str) -> Iterator[InvalidValueError]:
    """Say of each problem where in the record it is."""
    for each in error.exceptions:
        place = path
        for note in getattr(each, "__notes__", ()):
            if isinstance(note, AttributeValidationNote):
                place = f"{path}.{note.name}"
            elif isinstance(note, IterableValidationNote):
                place = f"{path}[{note.index}]"
        if isinstance(each, BaseValidationError):
            yield from _problems(each, place)
        else:
            yield from _problems_of_one(each, place)


def _problems_of_one(error: Exception, place: str) -> Iterator[InvalidValueError]:
    if isinstance(error, ForbiddenExtraKeysError):
        for name in sorted(error.extra_fields):
            yield _problem(f"{place}.{name}", name, "must not be there")
    elif isinstance(error, InvalidValueError):
        for problem in error.problems:
            where = f"{place}.{problem.path}" if problem.path else place
            yield _problem(where, problem.value, problem.reason)
    elif isinstance(error, KeyError):
        yield _problem(place, None, "must be there")
    else:
        yield _problem(place, None, str(error))


def _problem(path: str, value: object, reason: str) -> InvalidValueError:
    return InvalidValueError(field=path.rpartition(".")[2], value=value, reason=reason, path=path)


def _refused(what: str, problems: list[InvalidValueError]) -> InvalidInputError:
    return InvalidInputError(problem_count(what, len(problems)), problems)


def _as_it_is(value: object, _: object) -> object:
    # The values check themselves, and take nothing for something else.
    return value


def _read_time(value: object, _: object) -> datetime:
    with suppress(InvalidValueError):
        if isinstance(value, str):
            return read_time(value)
    raise _problem("", value, "must be a time such as 2026-01-05T09:00:00Z")


def _read_decimal(value: object, _: object) -> Decimal:
    try:
        return Decimal(value) if isinstance(value, str) else _NO_NUMBER
    except InvalidOperation:
        return _NO_NUMBER


def _read_seconds(value: object, _: object) -> timedelta:
    seconds = _read_decimal(value, _)
    if not (seconds.is_finite() and abs(seconds) < _MANY_SECONDS):
        raise _problem("", value, "must be a number of seconds in a string")
    return timedelta(microseconds=int(seconds.scaleb(6)))


def _seconds(span: timedelta) -> str:
    return f"{Decimal(span // timedelta(microseconds=1)).scaleb(-6).normalize():f}"


def _converter() -> Converter:
    converter = Converter(
        forbid_extra_keys=True, unstruct_collection_overrides={tuple: list, frozenset: sorted}
    )
    for kind in (int, str, bool):
        converter.register_structure_hook(kind, _as_it_is)
    converter.register_structure_hook(datetime, _read_time)
    converter.register_unstructure_hook(datetime, write_time)
    converter.register_structure_hook(Decimal, _read_decimal)
    converter.register_unstructure_hook(Decimal, "{:f}".format)
    converter.register_structure_hook(timedelta, _read_seconds)
    converter.register_unstructure_hook(timedelta, _seconds)
    return converter


_CONVERTER: Final = _converter()
_BY_FACT: Final[Mapping[str, type[Fact]]] = {type_name(kind): kind for kind in _FACTS}
_BY_COMMAND: Final[Mapping[str, type[Command]]] = {type_name(kind): kind for kind in COMMANDS}
