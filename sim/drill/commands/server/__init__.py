"""Commands of the mail server and of the routes past the gateway, and proof that they are closed."""
