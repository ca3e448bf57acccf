"""Senders that have a timer for each message, many messages at a time: Gmail, SES, Exchange Online, …"""
