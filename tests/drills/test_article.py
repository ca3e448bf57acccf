"""Each action of the vendor's troubleshooting article is a command that can be given in its outage.

Mimecast, *Continuity - Troubleshooting* (34000547798291): Exchange Server unavailable, Microsoft 365 mail
offline, Mimecast service interruption.
"""

import pytest

from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.given import accepted

APPS = ("classic-outlook", "portal", "mobile", "mac")
MAIL_SERVER = {
    "confirm that a continuity event is on, in the console": ["continuity show"],
    "or by the link in the SMS": ["alerts open", "continuity start via=sms"],
    "or by the event-management email": ["alerts open via=email"],
    "check users' permissions for the four apps": [
        "permissions show",
        *(f"permissions set on app={app}" for app in APPS),
    ],
    "check the set-up of SMS continuity": ["sms show"],
    "mail queues for four days; the time can be extended": ["queue extend inbound 8d"],
    "if a longer outage is expected, pause inbound deliveries": ["deliveries pause inbound"],
    "the trigger: inbound messages queue": ["status check gateway"],
    "the trigger: an alert arrives": ["alerts ack"],
    "after recovery, mail is delivered gradually": ["deliveries resume inbound", "queue retry inbound"],
}
GATEWAY = {
    "check the gateway's status page": ["status check gateway-vendor"],
    "look for the vendor's message about a priority 1": ["phone gateway-vendor"],
    "set the connectors to send directly to the internet": ["connector set outbound direct"],
    "or by the secondary gateway": ["connector set outbound secondary"],
    "consider the backup MX": ["mx set backup"],
    "if it gives the required security": ["backup check", "readiness show"],
    "inbound mail comes back with DNS, by the TTL": ["dns ask google", "probe mx all"],
    "communicate with users, executives and partners": [
        *(f"notify {audience} via=phone state=down" for audience in ("users", "executives", "partners")),
    ],
    "(Broadcom) open the server, which accepts only the gateway's hosts": ["lock open everybody"],
    "(Broadcom) check SPF": ["connector test to=gmail"],
}  # fmt: skip
ARTICLE = {
    "exchange-down": MAIL_SERVER,
    "m365-offline": {**MAIL_SERVER, "look at Microsoft's status page": ["status check microsoft"]},
    "gateway-down": GATEWAY,
}
OWN_APPS = {"exchange-down": ("classic-outlook", "portal", "mobile"), "m365-offline": APPS}
"""No one at Harbour Freight has a Mac."""


@pytest.mark.parametrize("outage", ARTICLE)
def test_each_action_of_the_article_is_carried_out_in_its_outage(outage: str) -> None:
    """Given an hour after the onset, with the approvals that they need; nothing is refused or fails."""
    session = Session.start(load_scenario(outage, {"users": "40"}), 1)
    session.advance(session.scenario.outage_start_ms + HOUR_MS)
    for subject in ("outbound", "mx", "exposure opening=lock whom=everybody"):
        session.dispatch(f"approve {subject} emergency=yes")
    if outage == "m365-offline":
        session.dispatch("signin break-glass")
    session.advance(session.now_ms + HOUR_MS)
    failed = {}
    for action, lines in ARTICLE[outage].items():
        for line in lines:
            app = line.partition("app=")[2]
            if app and app not in OWN_APPS[outage]:
                continue
            given = accepted(session, line)
            session.advance(max(given.effective_ms, session.now_ms) + MINUTE_MS)
            if found := session.drill.results[given.number]:
                failed[action, line] = found
    assert failed == {}
