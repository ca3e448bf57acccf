"""The ledger's accounts and the columns of the series, each with its content, for the reference page."""

ACCOUNT_TEXTS = {
    "at_sender": "inbound: queued at the sending organisation; outbound and internal: in its author's "
    "Outbox, because the mail server is unreachable and the author is not covered by a "
    "continuity event",
    "gateway_queue": "in the gateway's inbound queue: waiting for an attempt, paused, or being accepted",
    "held": "accepted by the gateway and not yet in its queue: held (the fault `gateway accepts and holds`), "
    "or waiting for a slow filter",
    "server_queue": "inbound: accepted by the mail server but not yet in its mailbox; outbound: in the "
    "mail server's outbound queue",
    "relay_queue": "in the backup MX's queue",
    "delivered": "inbound and internal: in the mailbox; outbound: on the internet",
    "junked": "inbound: junked or quarantined after it bypassed the gateway; outbound: in the recipient's "
    "junk folder",
    "bounced": "returned to its author: retention limit reached, attempts exhausted, or by hand",
    "rejected": "permanently rejected (5xx) and returned at once, also by `queue reject`",
    "suppressed": "never sent: the address has been on a bulk sender's suppression list since a permanent "
    "rejection",
    "lost": "lost for a known cause; always 0 so far",
}
SERIES_TEXTS = {
    "t_s": ("s", "since the start"),
    "queue": ("messages", "in the gateway's inbound queue"),
    "delivered": ("messages", "accepted by the mail server from that queue so far"),
    "bounced": ("messages", "returned from that queue so far, not counting mail that other servers returned"),
    "without_mail": ("users", "users who can neither read nor send"),
}
