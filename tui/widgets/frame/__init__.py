"""The frame of the console: header, footer, command line, and the one widget that paints a pane."""
