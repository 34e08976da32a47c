"""A district's gateway: one submission goes to every agency at once."""
