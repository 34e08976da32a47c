"""Tables whose rows can be appended, and neither changed nor deleted: triggers see to it."""

from sqlalchemy import Connection

from agencykit.storage.rows import run


def forbid_changes(connection: Connection, table: str) -> None:
    """For a table that was just made."""
    if connection.dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            run(
                connection,
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'entries are appended only'); END",
            )
        return
    run(
        connection,
        f"CREATE FUNCTION {table}_stay() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'entries are appended only'; END $$",
    )
    run(
        connection,
        f"CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_stay()",
    )


def forget(connection: Connection, table: str) -> None:
    """For a table that was just dropped, and its triggers with it."""
    if connection.dialect.name != "sqlite":
        run(connection, f"DROP FUNCTION {table}_stay()")
