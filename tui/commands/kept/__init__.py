"""Sub-commands that work on a kept drill and change nothing in it: branch, bundle, history, replay."""
