"""From which day on a line may take: a far-away date need not have today's stock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Literal, get_args

import attrs

from backorderkit.model._checks import Problems, check_whole, raise_first, refuse, require_time

ReserveMethod = Literal["at-once", "days-before", "by-hand"]
"""When a line may take, see `Reserve`."""

_METHODS: Final[tuple[ReserveMethod, ...]] = get_args(ReserveMethod)


@attrs.frozen(kw_only=True)
class Reserve:
    """
    From which day on a line may be given units.

    Attributes:
        method: ``"at-once"``: from the first day.  ``"days-before"``: so many days before
            the day on which it is requested; a line that names none takes at once.
            ``"by-hand"``: never by itself.
        days: How many days before, in UTC; for ``"days-before"`` only.

    Raises:
        InvalidValueError: if there is no such method, or *days* is negative or given
            with another.

    >>> Reserve(method="days-before", days=14)
    Reserve(method='days-before', days=14)
    """

    method: ReserveMethod = "at-once"
    days: int = 0

    def __attrs_post_init__(self) -> None:
        """Refuse what there is not, and days that nothing would count."""
        problems: Problems = []
        if self.method not in _METHODS:
            refuse(problems, "method", self.method, f"must be one of {', '.join(_METHODS)}")
        check_whole(problems, "days", self.days, least=0)
        if not problems and self.days and self.method != "days-before":
            refuse(problems, "days", self.days, f"must be 0 where the method is {self.method}")
        raise_first(problems)

    def opens(self, requested: datetime | None, as_of: datetime) -> int | None:
        """
        Give the first day on which a line may take.

        Args:
            requested: When the customer wants it, if they said so.
            as_of: Now.

        Returns:
            The day in UTC, counted as ``datetime.date.toordinal`` does; that of *as_of* or
            an earlier one is at once, and None is never by itself.

        Raises:
            InvalidValueError: if a time is none, or naive.

        >>> late, now = datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
        >>> Reserve(method="days-before", days=14).opens(late, now) - now.toordinal()
        4
        """
        require_time("as_of", as_of)
        if requested is not None:
            require_time("requested", requested)
        if self.method == "by-hand":
            return None
        if self.method == "at-once" or requested is None:
            return as_of.astimezone(UTC).toordinal()
        return requested.astimezone(UTC).toordinal() - self.days


AT_ONCE: Final = Reserve()
"""A line may take from the first day."""

BY_HAND: Final = Reserve(method="by-hand")
"""A line takes nothing by itself."""
