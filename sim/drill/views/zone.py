"""The trainee's view of the zone: the records entered, and the answers of queried resolvers."""

from sim.drill.services.mx_zone import Dns
from sim.drill.snapshot.mail_routes import ArrivalsView, DnsView, MxAnswerView, MxVersionView
from sim.kernel.duration import SECOND_MS


def dns_view(dns: Dns, now_ms: int) -> DnsView:
    """The zone at `now_ms`. Reading it does not change anything, and queries only the authority."""
    shown = dns.shown(now_ms)
    return DnsView(
        hosts=dns.names(dns.route),
        ttl_s=dns.ttl_ms // SECOND_MS,
        authority=dns.names(shown.route),
        authority_ttl_s=shown.ttl_ms // SECOND_MS,
        versions=tuple(
            MxVersionView(one.t_ms, one.by, dns.names(one.route), one.ttl_ms // SECOND_MS)
            for one in dns.entered
        ),
        answers=tuple(
            MxAnswerView(source, dns.names(told.route), told.ttl_ms // SECOND_MS, told.asked_ms)
            for source, told in dns.answers.items()
        ),
        policy_mode=dns.file.mta_sts.mode,
        policy_hosts=() if dns.file.mta_sts.mode == "none" else dns.names(dns.policy),
        policy_changed_ms=dns.policies[-1][0] if dns.policies else None,
        id_changed_ms=dns.ids[-1] if dns.ids else None,
        arrivals_looked_ms=dns.arrivals[0] if dns.arrivals else None,
        arrivals=tuple(
            ArrivalsView(row.from_ms, row.gateway, row.backup, row.server, row.usual)
            for row in (dns.arrivals[1] if dns.arrivals else ())
        ),
    )
