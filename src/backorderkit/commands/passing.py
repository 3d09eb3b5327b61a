"""What a host asks for when time has passed."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from backorderkit.commands._names import check_names, names
from backorderkit.model._checks import (
    Problems,
    raise_first,
)
from backorderkit.model.ids import (
    Sku,
)


def _skus(given: Iterable[Sku]) -> tuple[Sku, ...]:
    """Accept any iterable of ids but a text; a named function, so that mypy knows its types."""
    return names("skus", given)


@attrs.frozen(kw_only=True)
class Expire:
    """
    End what is over at the moment, of some SKUs.

    Holds that have lapsed counted nothing already; but nobody is told of the time that
    passes, so this is how the waiting get what was held.  What lines wait for after
    their ``cancel_after`` is cancelled; what is allocated to them stays.

    Attributes:
        skus: Which SKUs.
    """

    skus: tuple[Sku, ...] = attrs.field(converter=_skus)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_names(problems, "skus", self.skus)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Replan:
    """
    Plan some SKUs again, though nothing happened: the policy is another, or time has passed.

    Attributes:
        skus: Which SKUs.
    """

    skus: tuple[Sku, ...] = attrs.field(converter=_skus)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_names(problems, "skus", self.skus)
        raise_first(problems)
