"""Backups of one service's database, taken while it runs, and what putting one back means (docs/backup.md)."""
