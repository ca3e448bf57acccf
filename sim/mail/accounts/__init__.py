"""What became of mail, counted: custody, returns, duplicates, lateness."""
