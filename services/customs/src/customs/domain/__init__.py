"""What customs decides by: values and pure functions only."""
