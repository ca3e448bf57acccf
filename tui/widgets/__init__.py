"""The panes of the console: pure functions from a view to rows, and the one widget that paints them."""
