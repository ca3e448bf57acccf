"""Servers whose messages affect each other, played event by event: Postfix, Exim, Exchange, …"""
