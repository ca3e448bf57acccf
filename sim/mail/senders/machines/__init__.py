"""Servers whose messages affect each other, simulated event by event: Postfix, Exim, Exchange, …"""
