"""`mxdrill lab` at work: its clock, its typed words, its lines, its check of each port."""
