"""Who somebody is: the URI SAN of a certificate, and the patterns by which a service lists its callers."""

import re
from dataclasses import dataclass

SCHEME = "spiffe://"
SUFFIX = ".clearance"
_TRUST_DOMAIN = re.compile(r"[a-z0-9][a-z0-9.-]{0,253}")
# A role has no dot, so that `host_name` names one identity only.
_PATH = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9._-]+)?")


class IdentityError(ValueError):
    """The text is not an identity of this house."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`spiffe://<trust_domain>/<role>` or `spiffe://<trust_domain>/<role>/<name>`, as in a certificate's URI SAN."""

    trust_domain: str
    path: str

    def __post_init__(self) -> None:
        if not _TRUST_DOMAIN.fullmatch(self.trust_domain):
            raise IdentityError("the trust domain must be a lower-case domain name")
        # Dots alone would be read as a folder by some implementations (SPIFFE-ID, section 2.2).
        if not _PATH.fullmatch(self.path) or any(set(part) == {"."} for part in self.path.split("/")):
            raise IdentityError("the path must be `role` or `role/name`")

    @classmethod
    def parse(cls, uri: str) -> "Identity":
        """Reads a URI SAN; raises IdentityError."""
        if not uri.startswith(SCHEME):
            raise IdentityError("an identity begins with spiffe://")
        trust_domain, _, path = uri[len(SCHEME) :].partition("/")
        return cls(trust_domain, path)

    @classmethod
    def of_district(cls, district: str, path: str) -> "Identity":
        """The identity of a party of a district: `of_district("ningbo", "broker/3104980001")`."""
        return cls(trust_domain(district), path)

    @property
    def district(self) -> str:
        """`ningbo` of `spiffe://ningbo.clearance/gateway`."""
        return self.trust_domain.removesuffix(SUFFIX)

    @property
    def role(self) -> str:
        """`broker` of `broker/3104980001`."""
        return self.path.partition("/")[0]

    @property
    def name(self) -> str:
        """`3104980001` of `broker/3104980001`; empty where the role is the whole path."""
        return self.path.partition("/")[2]

    @property
    def host_name(self) -> str:
        """The identity as a DNS name: `customs.ningbo.clearance`, `3104980001.broker.ningbo.clearance`.

        Certificates carry it beside the URI name, and only it lets a gRPC client for Python hold a server to its
        identity: such a client sees nothing of the server's certificate, but gRPC compares its DNS names.
        """
        return ".".join([*reversed(self.path.lower().split("/")), self.trust_domain])

    def matches(self, pattern: str, own_trust_domain: str = "") -> bool:
        """Whether a caller list's pattern names this identity.

        `gateway` and `broker/*` speak of the own trust domain (when none is given, of the identity's); a full URI, with
        or without `/*`, speaks of the trust domain it names. `*` stands for exactly one name, never for a role.
        """
        domain, path = own_trust_domain or self.trust_domain, pattern
        if pattern.startswith(SCHEME):
            domain, _, path = pattern[len(SCHEME) :].partition("/")
        if domain != self.trust_domain:
            return False
        if path.endswith("/*"):
            return self.role == path[:-2] and bool(self.name)
        return self.path == path

    def __str__(self) -> str:
        return f"{SCHEME}{self.trust_domain}/{self.path}"


def trust_domain(district: str) -> str:
    """The trust domain of a district: `ningbo.clearance`."""
    return f"{district}{SUFFIX}"
