"""How a drill is judged: figures, missed decisions, and decisions by what was known."""
