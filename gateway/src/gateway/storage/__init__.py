"""The gateway's database: one module for each kind of row. Functions take a connection and never commit.

Everything is done for a batch in one statement per table. Rows of several cases are locked in their numbers' order.
"""
