"""Senders whose messages each have a timer, many at a time: Gmail, SES, Exchange Online, …"""
