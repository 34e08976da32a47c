"""Proof of who decided what: hash chain, Merkle root, one signature for a batch (clearance.common.v1, evidence.proto).

Signer, seal_batch         an agency seals the decisions of one transaction
Verifier                   anybody verifies one of them offline, against a trusted CA and the agency's identity
check_log                  anybody verifies that a log is gapless and chained
sign_orders, verify_order  a gateway's release orders
"""

from agencykit.evidence.chain import LogFault, check_log
from agencykit.evidence.seal import SealedBatch, Signer, load_signer, seal_batch, sign_orders
from agencykit.evidence.verify import EvidenceInvalid, Verifier, verify_order

__all__ = [
    "EvidenceInvalid",
    "LogFault",
    "SealedBatch",
    "Signer",
    "Verifier",
    "check_log",
    "load_signer",
    "seal_batch",
    "sign_orders",
    "verify_order",
]
