"""How a drill is judged: figures, missed decisions, and decisions by the information available."""
