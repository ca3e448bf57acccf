"""The simulated mail itself: messages, queues, senders, DNS, gateway, mail server and users."""
