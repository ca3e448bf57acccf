"""Times at which one message is retried and bounces: a rule per kind (Postfix, Exim, Exchange,
Courier, …).
"""
