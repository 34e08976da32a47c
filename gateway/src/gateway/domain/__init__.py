"""What a clearance is and how it moves, as pure functions of values: no clock, no database, no wire.

identifiers     numbers and request ids
decision        an agency's decision, and what the counted ones say of it
policy          who must approve, fixed on each case
states          the clearance's states and the one table of transitions
case            a case with its asks and its withdrawal
advance         case + decisions + now -> the next case
waiting         who must act now, since when
deadlines       what happens when an agency holds a case for too long
exit            goods leave the port: the end of a case
commitment      the public promise that applies
history         who held a case when, from what is recorded of it
attribution     the ledger: whose the time was, exactly
clock           when the promise's time begins, ends and runs out
pace            how many convoys may be under way
breaker         whether an agency is worth calling now
"""
