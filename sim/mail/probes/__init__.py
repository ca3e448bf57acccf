"""`mxdrill probe retry` and `probe dns`: one message's retries, and how long old answers last."""
