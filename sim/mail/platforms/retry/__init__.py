"""When one message is retried and given up: a rule per kind (Postfix, Exim, Exchange, Courier, …)."""
