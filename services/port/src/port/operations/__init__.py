"""What is done to the port's registers: one function, one transaction."""
