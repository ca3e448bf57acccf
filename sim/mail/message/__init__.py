"""Messages as columns: when they are written (traffic, mailshots), their sizes and their numbers."""
