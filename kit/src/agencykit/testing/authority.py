"""The authority of the tests' own district, and its parties' certificates."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from agencykit.identity import Identity
from agencykit.pki import Issued, equip, file_name, load
from agencykit.rpc.certificates import TlsFiles

DISTRICT = "ningbo"


@cache
def certificates() -> Path:
    """A folder with the district's authority; parties' certificates are added as they are asked for."""
    return Path(mkdtemp(prefix="tongguan-pki-"))


def authority() -> Issued:
    """The district's authority, with its key."""
    folder = certificates()
    equip(folder, DISTRICT, [])
    return load(folder / "ca.pem", folder / "ca.key")


def tls_files(path: str, *, signs: bool = False) -> TlsFiles:
    """The TLS files of a party of the district (`gateway`, `operator/port-office`)."""
    folder, role = certificates(), path.partition("/")[0]
    equip(folder, DISTRICT, [path], signing_roles=[role] if signs else [])
    name = file_name(Identity.of_district(DISTRICT, path))
    return TlsFiles(folder / "ca.pem", folder / f"{name}.pem", folder / f"{name}.key")
