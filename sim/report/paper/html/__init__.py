"""The pages of a debrief: safe markup, charts as SVG, sections, and their style."""
