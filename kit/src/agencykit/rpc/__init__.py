"""How a party speaks and listens on the wire: services, layers, server, channel."""
