"""The frame around the panes: header, footer, command line, and the widget that paints a pane."""
