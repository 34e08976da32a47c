"""A PostgreSQL of one's own on this machine: which binaries run here, as whom, and a server in one folder.

For a district on one machine and for tests. Who runs PostgreSQL in earnest gives services its URL and
needs none of this.
"""
