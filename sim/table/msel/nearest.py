"""Words that other tools use, and the nearest value in a scenario: kinds of rows, methods, recipients.
Pure.
"""

import re
from collections.abc import Collection
from typing import get_args

from sim.drill.organisation.staff_file import Role
from sim.table.msel.columns import MselRow
from sim.table.msel.of_scenario import CONTINGENCY, EXPECTED, FAULT, INJECT, METHODS
from sim.table.seats import KINDS

_KINDS = {
    "inject": INJECT, "injects": INJECT, "event": INJECT, "contextual": INJECT, "information": INJECT,
    "": INJECT,
    "contingency": CONTINGENCY, "contingency inject": CONTINGENCY, "contingent": CONTINGENCY,
    "fault": FAULT, "failure": FAULT,
    "expected action": EXPECTED, "expected actions": EXPECTED, "expected": EXPECTED, "action": EXPECTED,
    "expected action event": EXPECTED, "expected player action": EXPECTED,
}  # fmt: skip
_METHODS = {
    "call": r"phone|call|telephone|voice|radio|verbal|in person|face to face|hotline|telefon|anruf|bridge",
    "email": r"e-?mail|mail|letter|memo|document|fax|handout|press|media|news|social|tweet|post|web|tv|print",
    "sms": r"sms|text|pager|push|mobile message|whatsapp|alert",
    "ticket": r"ticket|helpdesk|help desk|service desk|chat|portal|form",
}
"""Words in the text of a method, each with the kind of inject that it means; the first match counts."""
_ROLES = {
    "incident-lead": r"lead|manager|management|director|command|chief|head|crisis|emergency|eoc|all|players",
    "communications": r"comm|press|media|public|spokes|pr\b|corporate",
    "security-approver": r"secur|ciso|soc\b|cert|infosec|risk",
    "server-team": r"server|infrastructure|platform|ops|operations|sysadmin|backup",
    "helpdesk": r"help|service desk|support|first line",
    "messaging-admin": r"mail|messag|exchange|admin|it\b|network|dns|technical|tech",
}


def kind_of(row: MselRow) -> str | None:
    """The kind of a row; None if its word is unknown."""
    word = " ".join(row.kind.lower().replace("_", " ").split())
    if not word and not row.message and row.expected:
        return EXPECTED
    return _KINDS.get(word)


def method_of(text: str, *, is_post: bool) -> tuple[str, str]:
    """The kind of inject for a method, with a remark if the method is only similar. `is_post`: the inject
    may be a post.
    """
    word = text.lower().strip()
    for kind, own in METHODS.items():
        if word in {own, kind} and (kind != "post" or is_post):
            return kind, ""
    for kind, pattern in _METHODS.items():
        if word and re.search(pattern, word):
            return kind, f"{text!r:.60} becomes {METHODS[kind]!r}"
    return "call", f"{text!r:.60} is not a known method; it becomes 'phone'" if word else ""


def recipient_of(text: str, people: Collection[str]) -> tuple[str, str]:
    """The role or person for a recipient, with a remark if it is only the nearest."""
    word = text.lower().strip()
    if text in people or text in get_args(Role):
        return text, ""
    seat = next((kind for kind in KINDS if kind.name == word), None)
    if seat is not None:
        return seat.roles[0] if seat.roles else "messaging-admin", ""
    found = next((role for role, pattern in _ROLES.items() if re.search(rf"\b(?:{pattern})", word)), None)
    role = found or "incident-lead"
    return role, f"{text!r:.60} is not a role here; the inject goes to {role}" if text else ""
