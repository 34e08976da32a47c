"""What is done to border's registers: one function, one transaction."""
