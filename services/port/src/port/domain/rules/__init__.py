"""One rule, one small function. Each says what it found in both languages, and what would have been enough."""
