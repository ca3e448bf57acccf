"""The figures that objectives ask for: one record each, in files by theme, and the registry of them all."""
