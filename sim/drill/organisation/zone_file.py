"""The organisation's own zone (in its file): its mail hosts, how long changes take, MTA-STS."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from sim.drill.organisation.sourced_numbers import Block, Id, Quantiles
from sim.kernel.data_files import data_files_of
from sim.kernel.document import DurationMs
from sim.kernel.duration import DAY_MS, SECOND_MS
from sim.mail.dns.resolver import population_ids, resolver_ids
from sim.mail.platforms.platform import platform_ids

HostName = Annotated[str, Field(pattern=r"^([a-z0-9-]+\.)+(test|example)$", max_length=253)]
"""A fictional host name; it ends in `.test` or `.example`."""
LONGEST_TTL_MS = 7 * DAY_MS
"""The longest TTL that resolvers honour unless they set another cap (RFC 8767 §4 recommends seven days)."""

PublicResolver = Literal["google", "cloudflare", "quad9", "opendns"]
Hosting = Literal["bind-notify", "bind-least-refresh", "route53", "cloudflare", "registrar"]


def _resolver(name: str, info: ValidationInfo) -> str:
    return _one_of(name, "resolver", resolver_ids(data_files_of(info)))


def _population(name: str, info: ValidationInfo) -> str:
    files = data_files_of(info)
    return _one_of(name, "resolver or mix", (*population_ids(files), *resolver_ids(files)))


def _platforms(names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    known = platform_ids(data_files_of(info))
    return tuple(_one_of(name, "platform", known) for name in names)


def _one_of(name: str, what: str, known: Iterable[str]) -> str:
    known = tuple(known)
    if name not in known:
        raise ValueError(f"there is no {what} {name!r}; choose from {', '.join(known)}")
    return name


def check_ttl(ttl_ms: int) -> str | None:
    """The mistake in a TTL, in one line; None if the TTL is valid."""
    if ttl_ms % SECOND_MS:
        return "a TTL is a whole number of seconds, such as 300"
    if not SECOND_MS <= ttl_ms <= LONGEST_TTL_MS:
        return "a TTL is between 1 second and 7 days, such as 3600"
    return None


class MtaSts(Block):
    """The domain's MTA-STS policy (RFC 8461), and the senders that honour it."""

    mode: Literal["none", "testing", "enforce"] = "none"
    """Mode of the policy. `enforce`: senders that honour the policy deliver only to hosts named in it;
    `none`: there is no policy.
    """
    honoured_by: Annotated[tuple[Id, ...], AfterValidator(_platforms)] = ()
    """Platforms that honour policies; ids as in `mxdrill platforms list`."""
    id_ttl_ms: Annotated[DurationMs, Field(ge=1)] = Field(default=3_600_000, alias="id_ttl")
    """TTL of the TXT record that holds the policy's id."""


class DnsZone(Block):
    """The zone with the MX record: its hosts, its TTL, and how long a change takes."""

    gateway_hosts: Annotated[tuple[HostName, ...], Field(min_length=2, max_length=2)] = (
        "mx-a.gateway.example",
        "mx-b.gateway.example",
    )
    """The gateway's two hosts, in order of preference, as in an MX record that names the gateway."""
    mx: Literal["gateway", "server"] = "gateway"
    """The hosts in the MX record before the drill. `server`: inbound mail comes straight to the mail server,
    without a gateway in front of it.
    """
    backup_host: HostName = "mx.backup.example"
    """Host name of the backup MX."""
    server_host: HostName = "direct.mail.example"
    """The mail server's host name for mail straight from the internet."""
    ttl_ms: DurationMs = Field(default=3_600_000, alias="ttl")
    """TTL of the MX record before the drill."""
    hosting: Hosting = "registrar"
    """Kind of DNS hosting; it decides how fast the zone's servers show a change
    (`scenarios/dns/publication.yaml`).
    """
    change_minutes: Quantiles = (0, 2, 5, 10)
    """Time until an edit takes effect at the DNS host, including sign-in, a second person, and a change
    board; hours if a registrar or another company makes the change. Drawn once per drill.
    """
    own_resolver: Annotated[Id, AfterValidator(_resolver)] = "bind"
    """The kind of resolver that the organisation itself uses."""
    asked: tuple[PublicResolver, ...] = ("google", "cloudflare", "quad9", "opendns")
    """Public resolvers that `dns ask all` queries as well as the authoritative server."""
    population: Annotated[Id, AfterValidator(_population)] = "mix"
    """The correspondents' resolvers: a mix from `scenarios/populations`, or one kind for all."""
    port_25_from_inside: Literal["blocked", "open"] = "blocked"
    """Whether a test from the organisation's own network can reach port 25 of outside hosts."""
    mta_sts: MtaSts
    """The domain's MTA-STS policy."""

    @model_validator(mode="after")
    def _ttl_can_stand(self) -> "DnsZone":
        wrong = check_ttl(self.ttl_ms)
        if wrong:
            raise ValueError(f"`ttl`: {wrong}")
        if self.mta_sts.mode != "none" and not self.mta_sts.honoured_by:
            raise ValueError(
                "`mta_sts` has a policy, but no senders that honour it; list platforms in `honoured_by`"
            )
        return self


PLAIN_ZONE = DnsZone(
    source="practice: an edit takes 5 to 15 minutes with access at hand; many zones have a TTL of an hour; "
    "registrars' own servers lag 5 to 10 minutes",
    confidence="assumed",
    mta_sts=MtaSts(source="most domains publish no policy", confidence="assumed"),
)
"""The zone of an organisation whose file does not describe one."""
