"""Inspection on the wire: protobuf in, plain values inward."""
