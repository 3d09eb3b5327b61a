"""A configuration: who gets scarce supply, within which rules, and from where."""

from __future__ import annotations

from hashlib import sha256

import attrs

from backorderkit.formats.configuration_writer import configuration_text
from backorderkit.model._checks import Problems, raise_first
from backorderkit.planning.planner import require_fitting
from backorderkit.policies import AllocationPolicy, Placing, Rules, Segment
from backorderkit.policies.protocol import require_policy
from backorderkit.policies.sourcing import IN_LOCATION_ORDER


def _policy(given: AllocationPolicy) -> AllocationPolicy:
    """Take rules that say nothing for the policy that they go around."""
    if isinstance(given, Rules) and given == Rules(given.within):
        return given.within
    return given


@attrs.frozen(kw_only=True)
class Configuration:
    """
    What a configuration file says: all that a plan depends on besides its snapshot.

    It holds only what a file can say.  Functions of the host, such as a key or a cost
    of its own, are for programs.

    Attributes:
        policy: `Rules`; or a policy alone, if nothing of rules is named.
        placing: From which location units come.
        text: The file that says so, in its canonical form.

    Raises:
        InvalidValueError: naming all of it that a file cannot say; or if the placing
            splits no line, and there are rules.

    >>> from backorderkit.policies import Fifo
    >>> Configuration(policy=Fifo()).digest[:22]
    'sha256:40a705187f114ef'
    """

    policy: AllocationPolicy = attrs.field(converter=_policy)
    placing: Placing = IN_LOCATION_ORDER
    text: str = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what no file can say."""
        require_policy(self.policy)
        require_fitting(self.placing, self.policy)
        problems: Problems = []
        text = configuration_text(problems, self.policy, self.placing)
        raise_first(problems)
        object.__setattr__(self, "text", text)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments that are named."""
        return self.policy.segments if isinstance(self.policy, Rules) else ()

    @property
    def digest(self) -> str:
        """
        ``sha256:`` and the SHA-256, in hexadecimal, of the canonical text.

        It is the same for two files that mean the same, however they are laid out.
        """
        return f"sha256:{sha256(self.text.encode()).hexdigest()}"
