"""Identities of the district, made on first start by the kit's development authority in a process of its own."""

import subprocess
import sys
from collections.abc import Mapping, Sequence

from tongguan.endpoints import Credentials, write_atomically
from tongguan.failures import Refused
from tongguan.stack.certifying import denied_file
from tongguan.stack.layout import AGENCIES, GATEWAY, Layout

# The second and third broker show what happens to others' cases, and to one whom customs' register does not know.
BROKER = "3104980001"
SECOND_BROKER = "3104980002"
UNLICENSED_BROKER = "3104989999"
BROKERS = (BROKER, SECOND_BROKER, UNLICENSED_BROKER)

# Name in endpoints.json -> path of the identity.
IDENTITIES: Mapping[str, str] = {
    "broker": f"broker/{BROKER}",
    "operator": "operator/port-office",
    # The other pair of eyes of the port office: what one proposes the other does.
    "duty": "operator/port-office-duty",
    "console": "console",
    # One of each of those who move goods, as samples name them.
    "terminal": "terminal/BEILUN-2",
    "haulier": "haulier/YONGGANG",
    GATEWAY: GATEWAY,
    **{f"officer-{agency}": f"operator/officer-{agency}" for agency in AGENCIES},
    # Open goods whose papers or image an officer has looked at.
    **{f"examiner-{agency}": f"operator/examiner-{agency}" for agency in AGENCIES},
    # Tests the samples that an officer of inspection has taken.
    "laboratory": "operator/laboratory",
}

# Signs trust bundles.
DISTRICT_KEY = "district"


def make(layout: Layout, further_agencies: Sequence[str] = ()) -> None:
    """Makes the authority and every certificate that is not there yet."""
    brokers = (f"broker/{licence}" for licence in BROKERS)
    paths = (*AGENCIES, *IDENTITIES.values(), *brokers, *further_agencies, DISTRICT_KEY)
    command = [sys.executable, "-m", "agencykit.pki", "--out", str(layout.certificates), "--district", layout.district]
    for path in dict.fromkeys(paths):
        command += ["--identity", path]
    for agency in further_agencies:
        command += ["--signing", agency]
    made = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        last = (made.stderr or made.stdout).strip().splitlines()[-1:] or [f"exit code {made.returncode}"]
        raise Refused(f"certificates could not be made: {last[0]}", f"look at {layout.certificates}")
    if not denied_file(layout).exists():
        # Services refuse to start without the list that they are told of.
        write_atomically(denied_file(layout), "identities = []\nserials = []\n")


def credentials(layout: Layout, path: str) -> Credentials:
    """Identity and files of one path (`broker/3104980001`)."""
    stem = layout.certificates / path.replace("/", "-")
    licence = path.partition("/")[2] if path.startswith("broker/") else ""
    uri = f"spiffe://{layout.district}.clearance/{path}"
    return Credentials(str(layout.certificates / "ca.pem"), f"{stem}.pem", f"{stem}.key", uri, licence)


def all_credentials(layout: Layout) -> tuple[dict[str, Credentials], dict[str, Credentials]]:
    """Identities by name, and brokers by licence, as endpoints.json lists them."""
    named = {name: credentials(layout, path) for name, path in IDENTITIES.items()}
    return named, {licence: credentials(layout, f"broker/{licence}") for licence in BROKERS}
