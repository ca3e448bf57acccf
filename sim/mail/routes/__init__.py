"""Inbound and outbound routes: the MX in force, the connector, SPF/DKIM/DMARC checks, suppression lists."""
