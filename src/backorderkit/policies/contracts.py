"""What a line is owed when a book is planned again, and what it may gain."""

from __future__ import annotations

from typing import Final, Literal, get_args

import attrs

from backorderkit.model._checks import Problems, raise_first, refuse

Floor = Literal["none", "keep-if-possible", "keep-or-raise", "full-or-raise"]
"""The least that a line gets, see `Contract`."""

Cap = Literal["none", "not-better", "nothing"]
"""The most that a line gets, see `Contract`."""

_FLOORS: Final[tuple[Floor, ...]] = get_args(Floor)
_CAPS: Final[tuple[Cap, ...]] = get_args(Cap)


@attrs.frozen(kw_only=True)
class Contract:
    """
    What planning again may do with what a line has and was told.

    What a line had is its allocations, from today, and its promises, each from its
    day.  Better is more, or the same earlier.

    Args:
        floor: ``"none"``: what it had is given up and shared anew.
            ``"keep-if-possible"``: it keeps what it had, as far as what others must
            have leaves it.  ``"keep-or-raise"``: it keeps what it had, or the plan
            names the broken contract and leaves its SKU as it was.
            ``"full-or-raise"``: it gets all it waits for by the day on which it is
            requested, or the plan names the broken contract.
        cap: ``"none"``: it may get more, and earlier.  ``"not-better"``: no more than
            it had, and not earlier.  ``"nothing"``: it loses what it had.

    Raises:
        InvalidValueError: if there is no such floor or cap, or the cap makes the
            floor impossible.

    >>> Contract(floor="keep-or-raise").takes_back
    False
    >>> Contract().takes_back
    True
    """

    floor: Floor = "none"
    cap: Cap = "none"

    def __attrs_post_init__(self) -> None:
        """Refuse what there is not, and what contradicts itself."""
        problems: Problems = []
        if self.floor not in _FLOORS:
            refuse(problems, "floor", self.floor, f"must be one of {', '.join(_FLOORS)}")
        if self.cap not in _CAPS:
            refuse(problems, "cap", self.cap, f"must be one of {', '.join(_CAPS)}")
        if not problems and self.cap == "nothing" and self.floor != "none":
            refuse(problems, "floor", self.floor, "must be none where the cap is nothing")
        if not problems and self.cap == "not-better" and self.floor == "full-or-raise":
            refuse(problems, "floor", self.floor, "must not ask for more than not-better allows")
        raise_first(problems)

    @property
    def is_hard(self) -> bool:
        """Whether a broken floor is an exception of the plan."""
        return self.floor in {"keep-or-raise", "full-or-raise"}

    @property
    def takes_back(self) -> bool:
        """Whether units that are allocated to the line may go to others."""
        return not self.is_hard
