"""People around one drill: the lines that it is given, and the commands of a table with several players."""
