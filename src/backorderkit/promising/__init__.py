"""Promises that hold: what can be promised, for when, how surely, and what was said so far."""

from __future__ import annotations

__all__: list[str] = []
