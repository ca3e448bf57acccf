"""How the console looks: layout, roles and colours, numbers and times in fixed forms."""
