"""What hosts implement so that commands are carried out on their data; and a store in memory."""

from backorderkit.storage.memory import AsyncMemoryStore, MemoryStore
from backorderkit.storage.protocol import AsyncStore, Commit, Committed, Loaded, Store, Wanted
from backorderkit.storage.publishing import Published, published

__all__ = [
    "AsyncMemoryStore",
    "AsyncStore",
    "Commit",
    "Committed",
    "Loaded",
    "MemoryStore",
    "Published",
    "Store",
    "Wanted",
    "published",
]
