"""The debrief and the JSON of `run`: outcome, timeline, findings, scores, ranges."""
