"""Goods declared in one district and verified at the port of another: what the port's district does for the home.

speaking     says how verifications stand, signed, whenever that changes
hearing      takes up home's orders, and withdrawals of what never came
"""
