"""python -m gateway: runs the service. --help lists what it can be told."""

from agencykit.host import run_service
from gateway.app import build
from gateway.storage.retention import KEEPING

if __name__ == "__main__":
    run_service(build, "gateway", keeping=KEEPING)
