"""Everything a person can do, one class each; the palette, completion, help and docs follow from them."""
