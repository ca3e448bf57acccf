"""What tickets say: the helpdesk's round numbers, and what single writers ask about their mail."""

import numpy as np

from sim.drill.drill_state import DrillState
from sim.drill.instruments.bounce_texts import refused_by
from sim.drill.instruments.mail_addresses import domain_of, from_addresses
from sim.drill.scenario.milestones import Milestone
from sim.mail.message.rows import Rows
from sim.mail.routes.connector import GATEWAY


def about_calls(drill: DrillState, calls: int) -> str:
    """The helpdesk, of so many calls so far."""
    told = "told" if Milestone.USERS_TOLD in drill.milestones else "not told"
    what = _does_not_work(drill)
    returned, back = drill.about_returned.calls_before(drill.now_ms), "mail of theirs came back"
    if returned:
        what = back if returned == calls else f"{what}, {returned:,} that {back}"
    return f"{calls:,} call{'s' if calls != 1 else ''} so far: {what}; users are {told}"


def _does_not_work(drill: DrillState) -> str:
    """What callers say that does not work."""
    users = drill.world.users
    if users.absences.anyone_lost:
        return "email does not work"
    links = ["links in emails do not open"] * users.membership.apart
    absent = [
        "nothing comes from outside" if users.calls.away.percent == 100 else "mail from outside comes late"
    ]
    return ", ".join([*links, *absent * users.calls.away.missed(drill.now_ms)]) or "email does not work"


def about_delay(drill: DrillState, rows: Rows, asked: int) -> tuple[str, str]:
    """Who asks about a delay notice for the first of `rows`, and what; so many have by now."""
    (writer,), domain = from_addresses(drill, rows.id[:1]), domain_of(drill.seed, int(rows.user[0]))
    written, more = drill.clock(int(rows.arrival_ms[0])), f"; {asked:,} have asked so far" * (asked > 1)
    return writer, f"a notice says that my mail of {written} to {domain} is late; does it get there?{more}"


def about_returned(drill: DrillState, calls: int) -> tuple[str, str]:
    """Who was the last to call about mail that came back, and what they say; so many have by now."""
    last = drill.came_back.last_before(drill.now_ms)
    assert last is not None, "somebody has just called"
    message, back_ms = np.array(last[:1], dtype=np.int64), last[1]
    (writer,), (whom,) = from_addresses(drill, message), drill.world.inbound.who().of(message).tolist()
    led = [one.name for one in drill.protection.connected if one.t_ms <= back_ms]
    reply = refused_by("gmail", drill.protection.path(led[-1] if led else GATEWAY)) or "550 refused"
    text = f"my mail to {domain_of(drill.seed, whom)} came back at {drill.clock(back_ms)}: {reply}"
    return writer, text + f"; {calls:,} have called about theirs so far" * (calls > 1)
