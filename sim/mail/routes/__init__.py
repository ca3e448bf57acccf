"""Inbound and outbound routes: MX in force, connector, SPF/DKIM/DMARC checks, suppression lists."""
