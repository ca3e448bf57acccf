"""Consoles and services that steps need, how people sign in to them, and what each sign-in depends on."""

from collections.abc import Sequence
from typing import Literal

from sim.drill.organisation.sourced_numbers import Id, only_once
from sim.kernel.document import Record

Leans = Literal["directory", "inbound mail", "gateway console", "mail server console"]
"""Services that an outage can take down. Sign-ins that depend on them then fail too."""


class Place(Record):
    """A console or service, and how people sign in to it."""

    id: Id
    """Name of this place in `needs` of a plan's steps."""
    name: str = ""
    """Display name. If unset, the id."""
    sign_in: Literal["local", "directory", "sso", "none"] = "local"
    """Where the sign-in is checked: by the service itself (`local`), or by the organisation's directory
    (`directory`, `sso`).
    """
    second_factor: Literal["app", "sms", "email", "none"] = "none"
    """How the second factor arrives; `email` needs mail to the organisation's own mailboxes."""
    contact: str = ""
    """Address to which the place's support sends mail, or to which a reset password is sent; an address in
    the organisation's domain needs working mail.
    """
    network: Literal["internet", "office", "vpn"] = "internet"
    """Networks from which the place can be reached; `vpn` needs the directory for sign-in."""
    behind: Literal["", "gateway", "mail-server"] = ""
    """The component to which this console belongs; the place cannot be reached while that console is
    unreachable.
    """
    break_glass: bool = False
    """True if the place has an emergency account that works without the directory, mail and the second
    factor. An emergency account does not open a console that is unreachable (`behind`).
    """

    def leans_on(self, domain: str) -> dict[Leans, str]:
        """The services on which signing in depends, each with the reason in words. `domain`: the
        organisation's domain.
        """
        found: dict[Leans, str] = {}
        if self.behind == "gateway":
            found["gateway console"] = "it is the gateway's own console"
        if self.behind == "mail-server":
            found["mail server console"] = "it is the mail server's own console"
        if self.break_glass:
            return found
        if self.sign_in in ("directory", "sso"):
            found["directory"] = "its sign-in uses the organisation's directory"
        if self.network == "vpn":
            found.setdefault("directory", "the VPN's sign-in uses the organisation's directory")
        if self.second_factor == "email":
            found["inbound mail"] = "its second factor comes by email"
        elif self._contact_domain() in (domain.lower(), f"mail.{domain.lower()}"):
            found["inbound mail"] = f"its contact address {self.contact} is in the domain that is down"
        return found

    def _contact_domain(self) -> str:
        return self.contact.strip().rpartition("@")[2].rstrip(".").lower()


def own_places(places: tuple[Place, ...]) -> tuple[Place, ...]:
    """`places`, if no two have the same id. Raises ValueError."""
    only_once("id", [place.id for place in places])
    return places


def with_others(places: Sequence[Place], over: Sequence[Place]) -> tuple[Place, ...]:
    """`places` with the changes of `over`: an entry of `over` replaces the place with the same id, or is
    added.
    """
    return tuple({place.id: place for place in (*places, *over)}.values())
