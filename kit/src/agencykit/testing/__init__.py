"""What tests of services and simulations use: virtual time, calls in process, databases, certificates."""
