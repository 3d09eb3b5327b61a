"""What hosts implement so that commands are carried out on their data; and a store in memory."""

from backorderkit.storage.abilities import (
    AsyncLockingStore,
    DefiningStore,
    ListingStore,
    LockingStore,
    OutboxStore,
    ReplayingStore,
)
from backorderkit.storage.concerned import without_closed
from backorderkit.storage.memory import AsyncMemoryStore, MemoryStore
from backorderkit.storage.protocol import AsyncStore, Commit, Committed, Loaded, Store, Wanted
from backorderkit.storage.publishing import Published, published

__all__ = [
    "AsyncLockingStore",
    "AsyncMemoryStore",
    "AsyncStore",
    "Commit",
    "Committed",
    "DefiningStore",
    "ListingStore",
    "Loaded",
    "LockingStore",
    "MemoryStore",
    "OutboxStore",
    "Published",
    "ReplayingStore",
    "Store",
    "Wanted",
    "published",
    "without_closed",
]
