"""Everything around one drill: the lines that people type, and the commands of an exercise with several
players.
"""
