"""Customs transit (转关): movements between districts.

numbers       movement reference numbers (MRN)
states        states, events, and the two tables that say which event leads where
content       what the sides say to each other
movement      a movement as one side sees it
change        what an event does: the movement after it, and letters to other districts
departure     events at the departure
destination   events at the destination
timers        what happens by itself, and when

Each side decides for itself, by its table; what the table does not know is out of sequence, and refused with the state
that it met. Departure alone discharges.
"""
