"""The result of a check as text and as files: JSON, JUnit, HTML, Markdown, CSV."""
