"""The times of retries and bounces: one rule per kind of sender (Postfix, Exim, Exchange, Courier, …)."""
