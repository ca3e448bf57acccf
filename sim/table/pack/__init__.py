"""The pack of an exercise: manual, cards, handbook, guide and forms to print, and the MSEL."""
