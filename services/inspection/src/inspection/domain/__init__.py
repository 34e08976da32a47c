"""What inspection decides by: values and pure functions only."""
