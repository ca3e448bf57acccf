"""The JSON document of `mxdrill run`: each key described once, with its unit, its meaning and its value."""
