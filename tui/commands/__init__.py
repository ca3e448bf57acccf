"""The sub-commands, one module each: `add(parser)` declares its arguments, `run(args)` runs it."""
