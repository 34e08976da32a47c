"""What a set of clearances says in figures, and how these are shown."""
