"""The two probes of the command line: one message's retries, and old DNS answers."""
