"""Risk selection (风险布控): which consignments are looked at, in which lane, and why. Pure: data in, a selection out.

profile     criteria, rates, throttle: what is replaceable by a file
matching    which criteria a consignment meets
draws       the keyed draw
snapshot    what earlier traffic says: how much is to be filled, which criteria are throttled
selection   criteria, then the random minimum, then the fill
tally       counts of selections, from which snapshots and reports are made
"""
