"""What hosts implement so that commands are carried out on their data; and a store in memory."""

from backorderkit.storage.memory import MemoryStore
from backorderkit.storage.protocol import Commit, Committed, Loaded, Store, Wanted

__all__ = [
    "Commit",
    "Committed",
    "Loaded",
    "MemoryStore",
    "Store",
    "Wanted",
]
