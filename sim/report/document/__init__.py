"""The JSON document of `mxdrill run`: each key described once, with its unit, meaning and value."""
