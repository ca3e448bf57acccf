"""Lines of the reference page on the JSON document of `mxdrill run`, from the keys that the document has."""

from collections.abc import Iterator

from reference_files import table

HEAD = """\
`mxdrill run SCENARIO --json` prints one JSON document on standard output, and nothing else. Two runs with the
same version of mxdrill and the same scenario, settings, runbook and seed print the same bytes, except for
`wall_s` and `messages_per_s`.

Times are in seconds. Times marked *since the start* are measured from the start of the drill (T+0), not from
the onset of the outage. `null` means that the event did not happen, or that there was nothing to count.
Directions are `inbound` (from outside to the organisation), `outbound` (to the outside) and `internal`
(between colleagues).
"""
ACCOUNTS_TAIL = """\
A message that a user has read in a continuity event stays in `gateway_queue` until the mail server has
accepted it. Internal mail that is written in an app during an event is also counted in `gateway_queue`, under
`internal`.
"""
ATTEMPTS = """\
An attempt is a single attempt to pass one message to one host, over a new or an existing connection. A server
that tries two hosts of the MX record for a message makes two attempts. Unless stated otherwise, both
successful and failed attempts count.
"""
ATTEMPT_ROWS = (
    (
        "`inbound`",
        "the gateway's and the backup's attempts to reach the mail server; senders' **failed** attempts; "
        "one attempt for each message that a sender delivers directly to the mail server",
        "in queue runs of sending servers that keep a record of a dead host or destination (Postfix, Exim, "
        "sendmail, Courier, OpenSMTPD)",
    ),
    (
        "`outbound`",
        "the mail server's failed attempts, and one attempt for each message sent, from the server or an app",
        "in queue runs of the mail server, if its platform keeps such a record",
    ),
    (
        "`internal`",
        "one attempt for each message between colleagues; for messages written in continuity, the "
        "gateway's attempts instead",
        "0",
    ),
)
ATTEMPTS_TAIL = """\
- For a burst of mail to a dead host, the number of attempts by senders is approximate. For 200 messages
  within 0.3 s, a real Postfix server made 13 connections before the host recovered; the model makes 19. The
  difference is at most 9 connections with Courier (60 for 600 messages, 69 in the model) and at most 2 with
  OpenSMTPD ([measured](../explanation/model.md#how-closely-this-matches-real-servers)).
- The hand-over from a sender to the gateway or the backup is **not** counted. While everything works, each
  inbound message therefore counts as one attempt: the gateway's attempt to reach the mail server.
- If a gateway accepts and holds mail, its attempts for inbound mail count once the mail is released. For
  outbound mail, the attempt that counts is the one in which the gateway accepted the message.
- An attempt by the gateway or the backup counts when the mail server begins to accept the message, or when
  the attempt has failed. An attempt that waits for a free connection does not count yet; an attempt that
  times out counts only at the end of the time-out.
- A sender's attempt counts from its beginning. A hand-over to the gateway or the backup counts as an attempt
  only while it waits for a busy host.
- The gateway makes an attempt each time a message is due, so it has no deferrals.
"""
SERIES = "`--series FILE.csv` writes one row for each minute from the start to the end of the run:"


def run_document() -> Iterator[str]:
    """Lines of the page, title first."""
    from sim.report.document.account_texts import ACCOUNT_TEXTS, SERIES_TEXTS
    from sim.report.document.key import described_rows
    from sim.report.document.run_document import RUN_KEYS

    yield "# JSON of mxdrill run"
    yield from HEAD.splitlines()
    yield ""
    yield from table(("key", "unit", "meaning"), list(described_rows(RUN_KEYS)))
    yield from ("## Accounts", "")
    yield from table(
        ("account", "the message is"), [(f"`{name}`", text) for name, text in ACCOUNT_TEXTS.items()]
    )
    yield from (*ACCOUNTS_TAIL.splitlines(), "", "## Attempts and deferrals", "", *ATTEMPTS.splitlines(), "")
    yield from table(("direction", "`attempts`", "`deferrals`"), ATTEMPT_ROWS)
    yield from (*ATTEMPTS_TAIL.splitlines(), "", "## The series", "", SERIES, "")
    yield from table(
        ("column", "unit", "meaning"),
        [(f"`{name}`", unit, text) for name, (unit, text) in SERIES_TEXTS.items()],
    )
