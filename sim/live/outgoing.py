"""The message for an effect: the relayed message itself, or its bounce."""

from sim.drill.services.real_mail import Effect
from sim.live.bounce import FailedDelivery, bounce
from sim.live.bridge import Outgoing, Write
from sim.live.effect_stamp import EffectStamp
from sim.live.lab_session import Site
from sim.live.spool import Spool


def outgoing(site: Site, spool: Spool, stamp: EffectStamp) -> Write:
    """A function that builds the message of an effect. It raises FileNotFoundError for a lost original."""

    def write(effect: Effect) -> Outgoing:
        letter = spool.get(effect.spool)
        if effect.kind == "relay":
            return Outgoing(effect.envelope_from, effect.recipients, stamp.put_on(effect.n, letter))
        notice = bounce(_failure(site, effect), letter, f"<bounce.{effect.n}.{site.drill}@{site.mx_host}>")
        return Outgoing("", (effect.envelope_from,), stamp.put_on(effect.n, notice))

    return write


def _failure(site: Site, effect: Effect) -> FailedDelivery:
    return FailedDelivery(
        domain=site.domain,
        reporting_mta=site.mx_host,
        remote_mta=site.mail_host,
        sender=effect.envelope_from,
        recipients=effect.recipients,
        arrived=site.local(effect.arrived_ms),
        gave_up=site.local(effect.t_ms),
        last_attempt=None if effect.tried_ms is None else site.local(effect.tried_ms),
        diagnostic=effect.reply,
    )
