"""Everything a person can do, one class per command: the source of palette, completion, help and docs."""
