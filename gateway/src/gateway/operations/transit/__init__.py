"""Customs transit (转关): what people and districts do to movements, each in one transaction.

sheet        events on many movements, written together
declare      a new movement, and another guarantee for one
acts         what people do to movements
receive      what other districts say
carrier      says what is to be said to one district
timers       what happens by itself
uses         the use of guarantees for a movement
reserve      the same over the ledgers
reading      what callers see
"""
