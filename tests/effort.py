"""How hard property tests look: BACKORDERKIT_EXAMPLES=20 looks twenty times as hard."""

from __future__ import annotations

import os
from typing import Final

EFFORT: Final = int(os.environ.get("BACKORDERKIT_EXAMPLES", "1"))
"""Every number of examples is multiplied by this."""
