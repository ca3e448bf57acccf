"""The simulator as a library, without any screen."""
