"""Border's law as pure functions: what is declared, what is known, what is found."""
