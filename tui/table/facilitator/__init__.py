"""The facilitator's screen: truth, seats, the script as it runs, everything that happens, and a line to
type in.
"""
