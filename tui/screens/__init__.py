"""The screens: console, help, palette, forms, debrief."""
