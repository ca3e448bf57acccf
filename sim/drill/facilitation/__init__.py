"""People around one drill: the lines that it is given, and the words of a table with several players."""
