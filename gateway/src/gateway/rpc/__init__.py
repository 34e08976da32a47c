"""The wire: the service this gateway serves, the agencies it calls, and the only place that knows protobuf.

clearance_service   ClearanceService, each call a table of contents
reading, writing    messages -> values, values -> messages
agency              an agency, called over a transport; evidence
orders              release orders as messages, signed
paging              tokens of pages and watches
spans               business spans
"""
