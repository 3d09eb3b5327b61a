"""
A store in SQL, with tables of its own: a SQLite file, or PostgreSQL.

It needs the extra ``sql``, which brings SQLAlchemy; for PostgreSQL the extra ``postgresql``.
"""

try:
    import sqlalchemy as _sqlalchemy  # noqa: F401 - only to say in one line what is missing
except ModuleNotFoundError as error:
    if error.name != "sqlalchemy":
        raise
    msg = "backorderkit.sql needs SQLAlchemy: pip install 'backorderkit[sql]'"
    raise ImportError(msg) from None

from backorderkit.sql.aio import AsyncSqlStore
from backorderkit.sql.store import SqlStore

__all__ = ["AsyncSqlStore", "SqlStore"]
