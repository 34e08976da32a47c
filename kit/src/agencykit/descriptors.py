"""How many files and connections the system lets this process have open, and how many of them may be connections.

One that finds no descriptor left is neither served nor refused: its caller waits until his deadline. So connections
are refused at once before it comes to that, and what the service itself needs stays free.
"""

import resource

# For databases, logs, certificates, agencies and partners.
RESERVED = 256


def room(connections: int) -> int:
    """Raises the own limit as far as the system permits and `connections` need; how many of these there is room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + RESERVED
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return connections if soft == resource.RLIM_INFINITY else within(soft, connections)


def within(limit: int, connections: int) -> int:
    """Connections among so many descriptors: at least half of them."""
    return max(min(connections, max(limit - RESERVED, limit // 2)), 1)
