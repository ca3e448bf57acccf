"""The pages of a debrief: markup that cannot be injected, charts as SVG, sections, and their style."""
