"""Everything around one drill: the lines typed into it, and the commands of a table with several players."""
