"""How customs' database comes to its newest form."""
