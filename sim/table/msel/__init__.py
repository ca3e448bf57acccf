"""The list of injects and expected actions (MSEL): from a scenario to a file, and back."""
