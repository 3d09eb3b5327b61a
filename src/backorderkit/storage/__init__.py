"""What hosts implement so that commands are carried out on their data; and a store in memory."""

from backorderkit.storage.memory import AsyncMemoryStore, MemoryStore
from backorderkit.storage.protocol import AsyncStore, Commit, Committed, Loaded, Store, Wanted

__all__ = [
    "AsyncMemoryStore",
    "AsyncStore",
    "Commit",
    "Committed",
    "Loaded",
    "MemoryStore",
    "Store",
    "Wanted",
]
