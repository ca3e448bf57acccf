"""The JSON document of `mxdrill run`, in which each key is described once, with its unit, meaning and
value.
"""
