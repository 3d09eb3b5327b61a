"""How the kit looks at what a store does, and says which clause it broke."""

from __future__ import annotations

from collections.abc import Callable


def outcome(work: Callable[[], object]) -> object:
    """Give what a store returns or raises, whatever it is."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - it is looked at
        return error


def expect(holds: object, clause: str, detail: str) -> None:
    """
    See that a clause holds.

    Raises:
        AssertionError: that begins with the clause, if it does not.
    """
    if not holds:
        raise AssertionError(f"{clause}: {detail}")
