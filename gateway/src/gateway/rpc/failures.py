"""Failures of ours inside a batch: told to the caller as INTERNAL with an id, and in full to the log."""

from dataclasses import dataclass

from agencykit.refusals import Internal, Refusal
from agencykit.runtime import Ids
from gateway.operations.log import Log


@dataclass(frozen=True, slots=True)
class Failures:
    """What the error boundary does for a call, done for one item of a batch."""

    ids: Ids
    log: Log

    def internal(self, error: Exception) -> Refusal:
        """The refusal for an error that is none."""
        correlation_id = self.ids.uuid()
        self.log.error("item.failed", correlation_id=correlation_id, error=error)
        return Internal(correlation_id)
