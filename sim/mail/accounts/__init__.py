"""Counts of what happened to mail: the ledger, returned mail, duplicates and late mail."""
