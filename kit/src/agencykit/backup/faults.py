"""What keeps a backup from being made or put back."""


class BackupFault(Exception):
    """The text says what, and names no value of a row."""
