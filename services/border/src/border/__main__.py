"""python -m border: runs the service. --help lists what it can be told."""

from agencykit.host import run_service
from border.app import build
from border.storage.retention import KEEPING

if __name__ == "__main__":
    run_service(build, "border", keeping=KEEPING)
