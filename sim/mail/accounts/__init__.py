"""The outcome of mail, counted: the ledger, returns, duplicates and late mail."""
