"""Where the chain of an audit stands, beside the audit's own rows."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, MetaData, Table, Text


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


def purged_leaves(metadata: MetaData) -> Table:
    """Declares what stays of decisions that were purged, where a service keeps a log of decisions.

    The leaf keeps the log's chain whole, the proof its place in the batch that was sealed.
    """
    return Table(
        "purged_leaves",
        metadata,
        Column("log", Text, primary_key=True),
        Column("sequence", BigInteger, primary_key=True),
        # SHA-256(0x00 ‖ decision bytes).
        Column("leaf", LargeBinary, nullable=False),
        Column("proof", LargeBinary, nullable=False),
        Column("first_sequence", BigInteger, nullable=False),
    )
