"""The modelled world: senders, gateway, mail server, queues, retries, bounces, DNS, continuity."""
