"""Where the chain of an audit stands, beside the audit's own rows."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, MetaData, Table


def audit_pages(metadata: MetaData) -> Table:
    """Declares the pages of a service's audit among its tables.

    A page puts a stretch of rows in order. Its row of leaves names the very row that was changed later; the head after
    it is what others countersign.
    """
    return Table(
        "audit_pages",
        metadata,
        Column("first_sequence", BigInteger, primary_key=True, autoincrement=False),
        Column("count", Integer, nullable=False),
        # `audit.id` of the last row: the next page begins above it.
        Column("last_id", BigInteger, nullable=False),
        # SHA-256 of each row, one after another.
        Column("leaves", LargeBinary, nullable=False),
        Column("head", LargeBinary, nullable=False),
        Column("seal_time", BigInteger, nullable=False),
        CheckConstraint("first_sequence >= 1 AND count >= 1", name="audit_pages_grow"),
    )
