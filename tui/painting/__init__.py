"""How the console looks: layout, places, colours, and the forms of numbers and times."""
