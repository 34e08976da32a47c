"""python -m port: runs the service. --help lists what it can be told."""

from agencykit.host import run_service
from port.app import build
from port.storage.retention import KEEPING

if __name__ == "__main__":
    run_service(build, "port", keeping=KEEPING)
