"""When senders retry and bounce: one rule per kind of sender (Postfix, Exim, Exchange, Courier, …)."""
