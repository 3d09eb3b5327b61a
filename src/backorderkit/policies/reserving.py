from __future__ import annotations

from datetime import UTC, datetime

import attrs


@attrs.frozen(kw_only=True)
class Reserve:
    method: str = "at-once"
    days: int = 0

    def opens(self, requested: datetime | None, as_of: datetime) -> int | None:
        if self.method == "by-hand":
            return None
        if self.method == "at-once" or requested is None:
            return as_of.astimezone(UTC).toordinal()
        return max(
            as_of.astimezone(UTC).toordinal(), requested.astimezone(UTC).toordinal() - self.days
        )


AT_ONCE = Reserve()
BY_HAND = Reserve(method="by-hand")
