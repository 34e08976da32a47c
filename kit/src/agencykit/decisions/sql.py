"""Hand-written statements for both databases."""

from sqlalchemy import Connection


def marked(connection: Connection, statement: str) -> str:
    """The statement with the parameter marks of the connection's driver; write `?`."""
    return statement if connection.dialect.name == "sqlite" else statement.replace("?", "%s")


def for_update(connection: Connection, *, skip_locked: bool = False) -> str:
    """The row-locking clause on PostgreSQL; SQLite's writer is alone anyway."""
    if connection.dialect.name == "sqlite":
        return ""
    return " FOR UPDATE SKIP LOCKED" if skip_locked else " FOR UPDATE"
