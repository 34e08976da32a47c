"""How to be a party on the wire: what every agency and the gateway have in common."""
