"""Messages of NCTS phase 5 to transit declarations and back: IE015 (CC015C, declared) and IE029 (CC029C, released).

What fields do not hold is kept beside them, so that the way back gives it again: `reading` and `writing` are each
other's inverse as far as fields go, and `conversion` keeps whatever `writing` would not give back as it was.
"""
