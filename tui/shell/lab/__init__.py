"""The parts of `mxdrill lab`: its clock, its typed commands, its output, its check of each port."""
