"""The debrief as files to hand out: HTML pages, Markdown, tables, evidence, and the after-action form."""
