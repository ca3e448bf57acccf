"""Mail as columns: when it is written, how large it is, how it is numbered."""
