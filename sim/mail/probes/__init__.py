"""`mxdrill probe retry` and `probe dns`: one message's retries, and the survival of old answers."""
