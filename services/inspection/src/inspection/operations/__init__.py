"""What is done to inspection's registers: one function, one transaction."""
