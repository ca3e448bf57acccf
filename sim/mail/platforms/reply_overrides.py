"""How a product treats replies where its file says that it differs from the standards.

`smtp_reply` implements the standards and accepts differences as overrides; `platform_file` has them by kind
of failure. This module joins the two.
"""

from collections.abc import Mapping

from sim.mail.platforms.platform_file import FailureName, PlatformFile
from sim.mail.platforms.smtp_reply import SenderAction

_OUTCOMES = {
    "next": SenderAction.NEXT,
    "next-or-bounce": SenderAction.NEXT,
    "stay": SenderAction.WAIT,
    "wait": SenderAction.WAIT,
    "bounce": SenderAction.BOUNCE,
}
_CAUSES: Mapping[FailureName, tuple[str, ...]] = {
    "refused": ("refused", "unreachable"),
    "timeout": ("timeout",),
    "silent": ("silent",),
    "greeting_4xx": ("4xx_greeting", "closed_before_greeting"),
    "greeting_5xx": ("5xx_greeting",),
    "defer": ("4xx_at_mail", "4xx_at_rcpt", "4xx_at_data", "4xx_at_message"),
    "reject": ("5xx_at_mail", "5xx_at_rcpt", "5xx_at_data", "5xx_at_message"),
}
"""The values of `ReplyMeaning.cause` that each kind of failure in a platform file covers."""


def overrides_of(file: PlatformFile) -> dict[str, SenderAction]:
    """The actions of this product by `ReplyMeaning.cause`: `overrides` for `classify` and
    `classify_lookup`.
    """
    found = {cause: _OUTCOMES[fact.value] for kind, fact in file.fallback.items() for cause in _CAUSES[kind]}
    return found | {name: _OUTCOMES[fact.value] for name, fact in file.lookups.items()}
