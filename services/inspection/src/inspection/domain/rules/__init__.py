"""Inspection's rules, one file for each family. One rule is one small function; docs and texts stand with it."""
