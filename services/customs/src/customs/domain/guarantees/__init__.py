"""Guarantees (担保) and the ledger of their uses, as pure functions: no database, no clock, no protobuf.

kinds       types of guarantee, states, what each type demands
numbers     guarantee reference numbers (GRN)
account     one guarantee: its terms, its balances, and how postings move them
use         what a case has taken up, and from which guarantees
terms       may this guarantee be used so (G01 to G13)?
allot       how much of each
book        the acts: hold, confirm, cancel, expire, credit, claim
reckon      everything computed again from the entries, and the first difference named
"""
