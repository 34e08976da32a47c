"""Samples: files for `tongguan submit` that look like the traffic of the port, with deliberate gaps."""

from tongguan.sample.generation import DEFAULT_BROKER, generate

__all__ = ["DEFAULT_BROKER", "generate"]
