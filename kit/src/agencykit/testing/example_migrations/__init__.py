"""Migrations of the example agency."""
