"""The tax office's database."""
