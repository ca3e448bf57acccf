"""Texts of tickets and injects: counts of calls to the helpdesk, users' questions, the scenario's texts."""

import numpy as np

from sim.drill.drill_state import DrillState
from sim.drill.instruments.bounce_texts import refused_by
from sim.drill.instruments.mail_addresses import domain_of, from_addresses
from sim.drill.people.missed_mail import inbound_permille
from sim.drill.scenario.anchor import resolve
from sim.drill.scenario.milestones import Milestone
from sim.drill.scenario.scenario import Inject
from sim.kernel.duration import HOUR_MS
from sim.mail.message.rows import Rows
from sim.mail.routes.connector import GATEWAY
from sim.mail.users.patience import WHOLE


def inject_text(drill: DrillState, inject: Inject) -> str:
    """The text of an inject with its addressee.

    A post is addressed to everyone; it names its incident and the onset according to the vendor.
    """
    if inject.began is None:
        to = inject.to if inject.to in drill.table.people else f"the {inject.to.replace('-', ' ')}"
        return f"to {to}: {inject.text}"
    scenario = drill.scenario
    began_ms = resolve(inject.began, drill.milestones, scenario.starts_utc_ms, scenario.zone)
    began = "" if began_ms is None else f" Start: {drill.clock(began_ms)}."
    return f"{inject.number}: {inject.text}{began}"


def about_calls(drill: DrillState, calls: int) -> str:
    """The helpdesk's summary of `calls` so far."""
    told = "notified" if Milestone.USERS_TOLD in drill.milestones else "not yet notified"
    what = _does_not_work(drill)
    returned, back = drill.about_returned.calls_before(drill.now_ms), "their mail bounced"
    if returned:
        what = back if returned == calls else f"{what}; {returned:,} said that {back}"
    if outside := drill.helpdesk.on_subject(drill.now_ms):
        what = f"{what}; {outside:,} said that continuity does not let them in"
    return f"{calls:,} call{'s' if calls != 1 else ''} so far: {what}; users: {told}"


def _does_not_work(drill: DrillState) -> str:
    """The complaint of callers."""
    users = drill.users
    if users.absences.anyone_lost:
        return "email does not work"
    links = ["links in emails do not open"] * users.membership.apart
    none_comes = inbound_permille(drill, (0, HOUR_MS)) == WHOLE
    absent = ["no mail arrives from outside" if none_comes else "mail from outside arrives late"]
    return ", ".join([*links, *absent * bool(users.calls.away.permille)]) or "email does not work"


def about_delay(drill: DrillState, rows: Rows, asked: int) -> tuple[str, str]:
    """The caller, and a question about a delay notice for the first of `rows`; `asked`: callers so far."""
    (writer,), domain = from_addresses(drill, rows.id[:1]), domain_of(drill.seed, int(rows.user[0]))
    written, more = drill.clock(int(rows.arrival_ms[0])), f"; {asked:,} users have asked so far" * (asked > 1)
    return writer, f"I got a notice that my mail of {written} to {domain} is delayed; will it arrive?{more}"


def about_returned(drill: DrillState, calls: int) -> tuple[str, str]:
    """The latest caller about bounced mail, and the complaint; `calls`: callers so far."""
    last = drill.came_back.last_before(drill.now_ms)
    assert last is not None, "there is a call"
    message, back_ms = np.array(last[:1], dtype=np.int64), last[1]
    (writer,), (whom,) = from_addresses(drill, message), drill.world.inbound.who().of(message).tolist()
    led = [one.name for one in drill.protection.connected if one.t_ms <= back_ms]
    reply = refused_by("gmail", drill.protection.path(led[-1] if led else GATEWAY)) or "550 refused"
    text = f"my mail to {domain_of(drill.seed, whom)} bounced at {drill.clock(back_ms)}: {reply}"
    return writer, text + f"; {calls:,} users have called about bounced mail so far" * (calls > 1)
