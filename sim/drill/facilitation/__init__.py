"""Everything around one drill: the lines that people type, and the commands of a shared exercise."""
