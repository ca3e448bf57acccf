"""The look of the console: layout, places, colours, and the forms of numbers and times."""
