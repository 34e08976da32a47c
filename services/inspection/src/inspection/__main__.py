"""python -m inspection: runs the service. --help lists what it can be told."""

from agencykit.host import run_service
from inspection.app import build
from inspection.storage.retention import KEEPING

if __name__ == "__main__":
    run_service(build, "inspection", keeping=KEEPING)
