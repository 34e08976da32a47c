"""What is done to customs' registers: one function, one transaction."""
