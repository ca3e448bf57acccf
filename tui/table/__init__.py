"""The table: seats of a shared exercise in browsers and over SSH, with their doors, tokens and limits."""
