"""One module a sub-command: `add(parser)` declares its arguments, `run(args)` does it."""
