"""Counts of the outcome of mail: the ledger, returns, duplicates and late mail."""
