"""Goods declared in one district and verified at the port of another: DistrictService's part in it, both ways.

speech       decisions of a gateway, written and signed
keys         the certificates that come beside it
proofs       what a partner district says, proved to be its own
home         the way to the port: a partner's gateway as an agency, and its exits
intake       what homes ask for, read
port         what is served to homes
"""
