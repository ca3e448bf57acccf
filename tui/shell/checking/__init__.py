"""What `mxdrill check` shares: progress of its runs, the parts that are asked for, and its output."""
