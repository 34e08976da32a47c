"""How long a certificate is in force, which nobody else can tell from an outage once it is over."""

from datetime import datetime
from pathlib import Path

from cryptography import x509

# From so many days before the end people are told.
WARNING_DAYS = 30.0


def days_left(file: Path, now: datetime) -> float:
    """Days until a certificate ends; negative afterwards. A health state, a warning and a metric hang on it."""
    own = x509.load_pem_x509_certificate(file.read_bytes())
    return (own.not_valid_after_utc - now).total_seconds() / 86_400


def out_of_force(certificate: bytes, now: datetime) -> str:
    """Since when a certificate (PEM) is no longer in force, or from when it will be; empty where it is."""
    own = x509.load_pem_x509_certificate(certificate)
    if own.not_valid_after_utc <= now:
        return f"expired at {own.not_valid_after_utc.isoformat()}"
    if own.not_valid_before_utc > now:
        return f"is in force from {own.not_valid_before_utc.isoformat()} only"
    return ""
