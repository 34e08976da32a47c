"""`tongguan run`: what is put in, how long it takes to settle, and what is said at the end."""
