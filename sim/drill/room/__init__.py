"""The incident room: what people have seen, said, asked, approved, opened and decided."""
