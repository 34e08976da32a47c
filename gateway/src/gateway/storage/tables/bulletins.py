"""Bulletins (通报) of this district and of its partners, and how far partners' lists were read."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text

from gateway.storage.tables.base import metadata

# Inserted once, never changed.
bulletins = Table(
    "bulletins",
    metadata,
    Column("number", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    # Place in the list of all, without gaps in the order of commits.
    Column("position", BigInteger, nullable=False),
    Column("district", Text, nullable=False),
    Column("publisher", Text, nullable=False),
    # domain.bulletin.Kind
    Column("kind", Integer, nullable=False),
    # JSON: what it says in both languages.
    Column("words", Text, nullable=False),
    # Names between spaces: ` customs port `.
    Column("agencies", Text, nullable=False),
    Column("commitments", Text, nullable=False),
    Column("effective_time", BigInteger, nullable=False),
    Column("until_time", BigInteger),
    Column("withdrawal", Integer, nullable=False),
    Column("publish_time", BigInteger, nullable=False),
    CheckConstraint("version >= 1 AND kind BETWEEN 1 AND 6", name="bulletins_sound"),
    CheckConstraint("withdrawal IN (0, 1) AND (withdrawal = 0 OR version > 1)", name="bulletins_withdrawn_later"),
    Index("bulletins_by_position", "position", unique=True),
    sqlite_with_rowid=False,
)

bulletin_positions = Table(
    "bulletin_positions",
    metadata,
    Column("district", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
