"""The ledger's accounts and the columns of the series, each with what it counts: for the reference page."""

ACCOUNT_TEXTS = {
    "at_sender": "inbound: in the queue of the organisation that sends it; outbound and internal: in its "
    "writer's Outbox, because the mail server is unreachable and no continuity event covers the writer",
    "gateway_queue": "in the gateway's inbound queue: waiting for an attempt, paused, or being accepted",
    "held": "accepted by a gateway that holds it (the fault `gateway accepts and holds`)",
    "server_queue": "inbound: accepted by the mail server and not yet in its mailbox; outbound: in the mail "
    "server's queue to the outside",
    "relay_queue": "in the backup MX's queue",
    "delivered": "in the mailbox; outbound: on the internet",
    "junked": "inbound: junked or quarantined where it bypassed the gateway; outbound: in the recipient's "
    "junk folder",
    "bounced": "returned to its writer: retention limit reached, attempts used up, or by hand",
    "rejected": "permanently rejected (5xx) and returned at once; by `queue reject` too",
    "suppressed": "never sent: the address has been on a bulk sender's list since a permanent rejection",
    "lost": "lost for a named cause; 0 so far",
}
SERIES_TEXTS = {
    "t_s": ("s", "since the start"),
    "queue": ("messages", "in the gateway's inbound queue"),
    "delivered": ("messages", "accepted from that queue by the mail server so far"),
    "bounced": ("messages", "returned so far"),
    "without_mail": ("users", "who can neither read nor send"),
}
