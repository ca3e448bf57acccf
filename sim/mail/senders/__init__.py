"""The sending hop: mail of outside organisations on its way to the MX hosts, and the delay notices of these
organisations.
"""
