"""The mapping from the WCO Data Model's declaration (3.x, DEC) to a consignment, element by element."""
