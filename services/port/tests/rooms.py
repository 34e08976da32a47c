"""A gate, a scanner and a yard, on one day."""

from port.domain.capacity import MINUTE, Kind, Resource

HOUR = 60 * MINUTE
DAY = 1_100_649_600_000_000 // (24 * HOUR) * 24 * HOUR
NOW = DAY + 8 * HOUR
GATE = Resource("BEILUN-2/GATE", Kind.GATE, "BEILUN-2", 60, 3)
SCANNER = Resource("BEILUN-2/SCANNER", Kind.SCANNER, "BEILUN-2", 30, 2)
YARD = Resource("BEILUN-2/YARD", Kind.YARD, "BEILUN-2", 1440, 3)
RESOURCES = {each.code: each for each in (GATE, SCANNER, YARD)}
