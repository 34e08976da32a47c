"""Reads of several tables that must agree with one another."""

from sqlalchemy import Connection


def begin_snapshot(connection: Connection) -> None:
    """Makes the reads of this transaction see one state of the database. Call it before the first.

    SQLite does so anyway; PostgreSQL's usual isolation shows each statement what was committed before it.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
