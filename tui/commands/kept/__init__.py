"""Sub-commands that read a stored drill without changing it: branch, bundle, history, replay."""
