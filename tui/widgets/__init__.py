"""The panes of the console: pure functions from a view to rows of text."""
