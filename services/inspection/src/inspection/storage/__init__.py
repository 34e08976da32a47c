"""Inspection's registers in its database, and the published lists it reads from files."""
