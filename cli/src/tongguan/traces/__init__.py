"""Traces from the local span stores: every service of the stack writes its own SQLite file."""
