"""The sending hop: mail on its way from outside organisations to the MX hosts, and their delay notices."""
