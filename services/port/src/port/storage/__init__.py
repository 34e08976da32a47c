"""What the port keeps: manifests, arrivals, places and holds."""
