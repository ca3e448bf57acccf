"""The figures that objectives use: one record each, in files by theme, and the registry of them all."""
