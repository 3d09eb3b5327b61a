"""Settings for all tests: the same examples in every run of CI, new ones at a desk."""

from __future__ import annotations

import os

from hypothesis import settings

from tests.effort import EFFORT

settings.register_profile("desk", deadline=None, max_examples=100 * EFFORT, print_blob=True)
settings.register_profile(
    "ci", deadline=None, max_examples=100 * EFFORT, print_blob=True, derandomize=True
)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
