"""How the console looks: layout, places, colours, and how numbers and times are written."""
