"""Real mail on disk: the spool, Maildirs, and the folder that holds them."""
