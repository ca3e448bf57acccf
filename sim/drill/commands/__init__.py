"""Everything a person can do, one class per command; palette, completion, help and docs follow."""
