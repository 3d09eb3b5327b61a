"""Policies that are modes of whole plans: `plan` recognises them from outside only."""

from __future__ import annotations

from backorderkit.errors import InvalidValueError


class PlanMode:
    """What `KeepPromises` and `Shipping` have in common; hosts do not derive from it."""

    __slots__ = ()


def refuse_mode(within: object) -> None:
    """
    Refuse a mode inside of another policy, where no plan would see it.

    Raises:
        InvalidValueError: if it is one.
    """
    if isinstance(within, PlanMode):
        name = type(within).__name__
        reason = f"must not be {name}: that goes around a whole policy, where a plan sees it"
        raise InvalidValueError(field="within", value=within, reason=reason)
