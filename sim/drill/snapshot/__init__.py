"""Everything that a trainee may see at one moment, as frozen values: observations only."""
