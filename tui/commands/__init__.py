"""One module per sub-command of `mxdrill`: `add(parser)` declares its arguments, `run(args)` runs it."""
