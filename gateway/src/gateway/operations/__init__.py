"""What the gateway does. One operation is one transaction: load, decide, save; between them the convoys run.

accept, record, amend, withdraw     the transactions that change a case; fold is the pure part of record
views, listing                      the reads
convoys, flights, lines, recorder   how cases travel to the agencies and back
recovery, follower, herald, teller  what goes on without a caller: parked cases, feeds, outcomes
board, news, traces                 who hears of a record: callers, loops, the log, the case's trace
desk                                all of it together, as the servicer sees it
"""
