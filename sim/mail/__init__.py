"""The true world of mail: messages, queues, senders, DNS, gateway, mail server and users."""
