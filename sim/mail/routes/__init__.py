"""The ways of mail to and from the outside: MX, connector, authentication, suppression lists."""
