"""The times at which a message is retried and bounces: one rule per kind (Postfix, Exim, Exchange, Courier,
…).
"""
