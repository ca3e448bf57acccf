"""How a play is judged: figures, verdicts, decisions by what was known."""
