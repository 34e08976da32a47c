"""The tax office (国家税务局), a fifth agency: a package of its own that no gateway and no other agency knows."""
