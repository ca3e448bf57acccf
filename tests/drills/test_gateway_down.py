"""The gateway's outages as trainees get them: handled well, not at all, and with each of the usual mistakes.

A hundred users, as in the other tests of shipped drills; what is compared are two plays of the same seed.
"""

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.instruments.arrival_logs import herd
from sim.drill.room.approvals import NOTHING_SEEN
from sim.drill.scenario.anchor import parse_anchor
from sim.drill.scenario.build_world import world_spec
from sim.drill.scenario.runbook import load_runbook
from sim.drill.scoring.bypass_costs import prices
from sim.drill.scoring.exposure import exposure
from sim.drill.scoring.objectives import measure, verdicts_of
from sim.drill.session.load import load_scenario
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.traffic import INBOUND
from sim.report.debrief import debrief
from sim.report.document.run_document import document
from sim.report.findings.people_findings import people_findings
from tests.drills.played import SEEDS, Played, reference, run, scenario, shipped, steps, without

NAME = "gateway-down"
USERS = 100
ONSET_MS = 70 * MINUTE_MS
VARIANTS = (
    "gateway-down-drops",
    "gateway-down-4xx",
    "gateway-grey",
    "gateway-half",
    "gateway-back-soon",
    "gateway-down-long-ttl",
)


def played(name: str = NAME, runbook: str = "reference", seed: int = 1) -> Played:
    """In two hours, 100 users get too few messages for a share to be judged; 150 get enough, as do 200."""
    users = 150 if name == "gateway-back-soon" else USERS
    return shipped(name, runbook, users, seed)


def mistake(name: str) -> Played:
    return played(runbook=f"{NAME}-{name}")


def inbound(one: Played, account: str) -> int:
    return one.session.drill.world.custody()["inbound"].get(account, 0)


def inbound_at(one: Played, moment_ms: int) -> dict[str, int]:
    """Who had how many inbound messages at a moment of the play."""
    return one.session.fork(moment_ms).drill.world.custody()["inbound"]


def figure(one: Played, name: str) -> int | None:
    return measure(one.session.drill)[name]


def worse(one: Played, than: Played) -> dict[str, str]:
    """Objectives that became of `one` otherwise than of the other play."""
    return {name: state for name, state in one.objectives.items() if state != than.objectives[name]}


def minutes_after_onset(one: Played, milestone: str) -> int:
    return (one.milestones[milestone] - ONSET_MS) // MINUTE_MS


@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_meets_every_objective(seed: int) -> None:
    one = played(seed=seed)
    assert set(one.objectives.values()) == {"met"}
    assert one.session.drill.room.openings.unproven() == []
    cost = exposure(one.session.drill)
    assert (cost.unfiltered, cost.rejected, cost.backscatter, cost.unsigned) == (0, 0, 0, 0)
    assert cost.open_ms > 72 * HOUR_MS, "the lock stays open for stragglers, and that stays on the register"


def test_no_change_is_said_only_until_it_is_reported_back() -> None:
    book = reference(NAME)
    hourly = next(step for step in book.steps if step.id == "tell-users-hourly")
    unchanged = hourly.model_copy(update={"unless": ("mx.restored",)})
    changed = tuple(unchanged if step is hourly else step for step in book.steps)
    wrong = run(scenario(NAME, USERS), book.model_copy(update={"steps": changed}))
    assert (figure(played(), "false-statements"), played().objectives["words-kept"]) == (0, "met")
    assert (figure(wrong, "false-statements"), wrong.objectives["words-kept"]) == (2, "failed")


def test_doing_nothing_fails_mail_updates_and_decisions() -> None:
    nothing, well = played(runbook="none"), played()
    failed = {name for name, state in nothing.objectives.items() if state == "failed"}
    assert failed == {
        "diagnosis-correct",
        "decided-on-what-was-known",
        "nobody-left-waiting",
        "users-told",
        "executives-told",
        "partners-told",
        "outbound-restored",
        "mx-decided",
        "senders-served",
        "no-doubles",
    }
    assert inbound(nothing, "bounced") > 2 * inbound(well, "bounced") > 0
    late = figure(nothing, "late-or-returned-permille"), figure(well, "late-or-returned-permille")
    assert late[0] is not None
    assert late[1] is not None
    assert late[0] > 2 * late[1]
    assert nothing.outcome.people.user_hours_without_mail == 0, "they have their own server all the while"
    kinds = {event.ref for event in nothing.session.events() if event.kind == "call"}
    told = {event.ref for event in well.session.events() if event.kind == "call"}
    assert (
        kinds - told
        == {
            "start-continuity",
            "partners phone",
            "just-send-it-out",
            "executives phone",
            "partner-gets-a-notice",
        }
        - told
    )
    assert "executives phone" not in told


def test_the_mx_changed_before_the_lock_gets_mail_permanently_rejected() -> None:
    wrong, well = mistake("mx-before-unlock"), played()
    price = {"no-own-goals": "failed", "senders-served": "failed"}
    assert worse(wrong, well) == {**price, "decided-on-what-was-known": "failed"}, "one of four"
    assert inbound(well, "rejected") == 0
    assert inbound(wrong, "rejected") > 300, "all that moved in two hours of a working day"
    assert inbound(wrong, "delivered") < inbound(well, "delivered") - 300
    lists = wrong.session.drill.world.suppression
    assert 20 < lists.addresses < inbound(wrong, "rejected") / 2, "a quarter of the mail is bulk senders'"
    assert inbound(wrong, "suppressed") > 10, "what they do not write in the days that follow"
    assert well.session.drill.world.suppression.addresses == inbound(well, "suppressed") == 0
    assert any(
        line.startswith("Bulk senders treat") for line in debrief(wrong.session, well.outcome).findings
    )


def asked_to_clear(at: str) -> Played:
    """The MX before the lock; then those outside are asked to take the addresses off their lists."""
    book = load_runbook(f"{NAME}-mx-before-unlock", parse)
    (ask,) = steps(NAME, (at, "notify partners via=phone advise=clear-lists")).steps
    return run(scenario(NAME, USERS), book.model_copy(update={"steps": (*book.steps, ask)}))


def test_cleared_lists_restore_bulk_mail_once_nothing_is_rejected() -> None:
    never, cleared = mistake("mx-before-unlock"), asked_to_clear("exposure.approved + 70m")
    assert 0 < inbound(cleared, "suppressed") < 0.8 * inbound(never, "suppressed")
    assert cleared.session.drill.world.suppression.addresses < never.session.drill.world.suppression.addresses
    assert inbound(cleared, "rejected") == inbound(never, "rejected")
    assert inbound(cleared, "delivered") > inbound(never, "delivered")


def test_lists_cleared_while_mail_is_still_rejected_fill_again() -> None:
    early, late = asked_to_clear("T+1m"), asked_to_clear("exposure.approved + 70m")
    assert early.milestones["lock.opened"] > 4 * HOUR_MS + 15 * MINUTE_MS, "lists are cleared before that"
    assert inbound(early, "suppressed") > inbound(late, "suppressed") + 50
    lists = [one.session.drill.world.suppression.addresses for one in (early, late)]
    assert lists[0] > lists[1] + 20


def test_updates_by_email_do_not_reach_people_outside() -> None:
    wrong, well = mistake("announce-by-dead-mail"), played()
    assert worse(wrong, well) == {"partners-told": "failed"}
    assert "partners.told" not in wrong.milestones
    assert {"users.told", "executives.told"} <= set(wrong.milestones), "email inside the house works"
    assert [one.reached for one in wrong.session.drill.room.said if one.audience == "partners"] == [0]


def test_continuity_on_the_dead_gateway_delays_outbound_mail_by_an_hour() -> None:
    wrong, well = mistake("continuity-on-the-dead-gateway"), played()
    assert {"outbound-restored", "words-kept"} <= set(worse(wrong, well))
    assert minutes_after_onset(well, "outbound.restored") <= 60
    assert minutes_after_onset(wrong, "outbound.restored") > 90
    assert "continuity.active" not in wrong.milestones
    assert sum("is unreachable" in text for text in wrong.said("failed")) == 3
    late = figure(wrong, "late-or-returned-permille"), figure(well, "late-or-returned-permille")
    assert late[0] is not None
    assert late[1] is not None
    assert late[0] > late[1]


def test_an_approval_for_the_backup_does_not_cover_unfiltered_mail() -> None:
    well, book = played(), reference(NAME)
    more = steps(
        NAME,
        ("exposure.approved + 1m", "approve exposure whom=everybody"),
        ("exposure.approved + 90m", "lock open everybody"),
        ("exposure.approved + 100m", "mx set server"),
    ).steps
    wrong = run(scenario(NAME, USERS), book.model_copy(update={"steps": (*book.steps, *more)}))
    approved_ms = wrong.milestones["exposure.approved"]
    signed = exposure(wrong.session.fork(approved_ms + 20 * HOUR_MS).drill)
    assert signed.exposed_ms > 15 * HOUR_MS
    assert signed.unsigned_off_ms == 0, "all of it after a signature"
    assert signed.unfiltered > 0
    later = exposure(wrong.session.drill)
    assert later.unsigned_off_ms > 24 * HOUR_MS, (
        "a signature holds for a day, and the lock stands open until Monday"
    )
    assert well.objectives["filtered-and-signed"] == "met"
    assert wrong.objectives["filtered-and-signed"] == "failed"


def test_failback_all_at_once_rejects_senders_that_still_use_the_backup() -> None:
    wrong, well = mistake("all-at-once"), played()
    untested = {"decided-on-what-was-known": "failed"}
    price = {"no-own-goals": "failed", "senders-served": "missed"}
    assert worse(wrong, well) == {**price, **untested}, "and no host was probed before"
    assert inbound(wrong, "rejected") > 0
    assert inbound(well, "rejected") == 0
    assert wrong.milestones["lock.closed"] < well.milestones["mx.restored"] + HOUR_MS


def test_without_failback_everything_stays_open() -> None:
    wrong, well = mistake("never-resumed"), played()
    assert worse(wrong, well) == {"way-back": "failed", "openings-closed": "failed"}
    assert {one.kind for one in wrong.session.drill.room.openings.unproven()} == {
        "lock",
        "connector",
        "backup-mx",
        "low-ttl",
    }
    assert exposure(wrong.session.drill).open_ms > exposure(well.session.drill).open_ms
    cost, usual = prices(wrong.session.drill), prices(well.session.drill)
    assert cost.unarchived > 3 * usual.unarchived, "five days of mail in no archive, rather than one"
    assert cost.by_the_backup > 3 * usual.by_the_backup > 0, "its filter is weaker"
    assert cost.straight == usual.straight == 0


def test_a_forgotten_opening_stays_on_the_register() -> None:
    wrong, well = mistake("opening-left"), played()
    assert worse(wrong, well) == {"openings-closed": "failed", "filtered-and-signed": "failed"}
    approval = next(one for one in wrong.session.drill.room.approvals.requests if one.subject == "exposure")
    (verdict,) = [one for one in verdicts_of(wrong.session.drill) if one.id == "filtered-and-signed"]
    assert verdict.at_ms == approval.until_ms, "a day after security had signed"
    assert (figure(wrong, "open-unapproved-min") or 0) > 4 * 24 * 60
    assert figure(well, "open-unapproved-min") == 0
    assert [one.kind for one in wrong.session.drill.room.openings.unproven()] == ["lock"]
    assert "openings.closed" not in wrong.milestones
    cost, usual = prices(wrong.session.drill), prices(well.session.drill)
    assert cost.by_the_lock > usual.by_the_lock > 0, "whoever uses the backup's addresses gets in for longer"
    assert (cost.unarchived, cost.by_the_backup) == (usual.unarchived, usual.by_the_backup)
    assert document(wrong.session, "opening-left", 1.0)["exposure"]["unwanted"] == cost.unwanted


def overridden(at: str) -> Played:
    """The reference with an approver who takes an hour to answer, and an override of her at `at`."""
    one = scenario(NAME, USERS)
    assert one.organisation.approvals is not None
    slow = one.organisation.approvals.model_copy(update={"answer_minutes": (60, 60)})
    with_slow = one.model_copy(
        update={"organisation": one.organisation.model_copy(update={"approvals": slow})}
    )
    given = [
        step.model_copy(update={"at": parse_anchor(at)}) if step.id == "do-not-wait" else step
        for step in reference(NAME).steps
    ]
    return run(with_slow, reference(NAME).model_copy(update={"steps": tuple(given)}))


def test_an_override_is_sound_only_after_a_quarter_of_an_hour_without_an_answer() -> None:
    waited, hurried = overridden("outage.start + 36m"), overridden("outage.start + 20m")
    assert [figure(one, "unapproved") for one in (waited, hurried)] == [0, 1]
    assert [one.objectives["asked-first"] for one in (waited, hurried)] == ["met", "failed"]
    assert waited.objectives["outbound-restored"] == "met", "and it was in time"
    (went,) = hurried.session.drill.room.approvals.overridden
    (verdict,) = [one for one in verdicts_of(hurried.session.drill) if one.id == "asked-first"]
    assert verdict.at_ms == went.asked_ms
    told = [text for text in people_findings(hurried.session) if text.startswith("Done without approval at")]
    assert [text.split("; ", 1)[1] for text in told] == [
        "the request to security was only 10 min old; wait 15 min for an answer."
    ]
    assert any("this was justified" in text for text in people_findings(waited.session))


def test_actions_without_a_request_are_unapproved() -> None:
    wrong, well = mistake("nobody-asked"), played()
    assert worse(wrong, well) == {"asked-first": "failed", "filtered-and-signed": "failed"}
    assert (figure(wrong, "unapproved"), figure(well, "unapproved")) == (3, 0)
    assert (figure(wrong, "open-unapproved-min") or 0) > 4 * 24 * 60
    assert figure(well, "open-unapproved-min") == 0


def test_outbound_mail_straight_to_the_internet_without_checking_receivers() -> None:
    wrong, well = mistake("direct-without-readiness"), played()
    assert worse(wrong, well).items() >= {
        "outbound-restored": "failed", "no-own-goals": "failed", "filtered-and-signed": "failed",
    }.items()  # fmt: skip
    refused = wrong.session.drill.world.custody()["outbound"].get("rejected", 0)
    assert refused > 1000
    assert wrong.outcome.people.calls > well.outcome.people.calls, "colleagues whose mail comes back"


def test_an_approver_asks_for_evidence_if_nothing_was_checked() -> None:
    """In this seed no partner phones before security answers."""
    blind, well = run(scenario(NAME, USERS), without(reference(NAME), "try-hosts")), played()
    said = [event.text for event in blind.session.events() if event.source == "Ines Sandoval"]
    assert said[0] == f"outbound: not approved; {NOTHING_SEEN}"
    assert not [text for text in well.said("call") if "not approved" in text]
    assert {"asked-first": "failed", "senders-served": "failed"}.items() <= worse(blind, well).items()
    assert "mx.changed" not in blind.milestones


def walled(*way_back: tuple[str, str]) -> Played:
    """The reference of a server that stands behind a firewall as well as a lock, and another end of it."""
    one = scenario(NAME, USERS)
    guard = one.organisation.guard.model_copy(update={"firewall_lets_in": ()})
    behind = one.model_copy(update={"organisation": one.organisation.model_copy(update={"guard": guard})})
    more = steps(
        NAME,
        ("lock.opened + 1m", "approve exposure opening=firewall emergency=yes"),
        ("lock.opened + 10m", "firewall open backup"),
        *way_back,
    ).steps
    book = without(reference(NAME), "prove-lock")
    return run(behind, book.model_copy(update={"steps": (*book.steps, *more)}))


def test_each_barrier_is_proven_by_a_test_that_reaches_it() -> None:
    one = walled(
        ("lock.closed + 5m", "openings prove lock"),
        ("lock.closed + 20m", "firewall close"),
        ("lock.closed + 40m", "openings prove firewall"),
    )
    assert one.session.drill.room.openings.unproven() == []
    assert (figure(one, "openings-unproven"), one.objectives["openings-closed"]) == (0, "met")


def test_one_refusal_from_outside_proves_neither_barrier_that_was_open_to_the_backup() -> None:
    one = walled(("lock.closed + 5m", "firewall close"), ("lock.closed + 30m", "lock test"))
    assert [opening.kind for opening in one.session.drill.room.openings.unproven()] == ["lock", "firewall"]
    assert (figure(one, "openings-unproven"), one.objectives["openings-closed"]) == (2, "failed")


def test_each_mistake_has_its_price_in_mail() -> None:
    """Beside the reference runbook, for the same seed: rejected, given up or late, twice, unwanted."""
    well = played()
    reference = prices(well.session.drill)
    for name in (
        "mx-before-unlock", "announce-by-dead-mail", "continuity-on-the-dead-gateway", "all-at-once",
        "never-resumed", "opening-left",
    ):  # fmt: skip
        wrong = mistake(name)
        cost = prices(wrong.session.drill)
        worse_by = {
            "rejected": inbound(wrong, "rejected") - inbound(well, "rejected"),
            "given up": inbound(wrong, "bounced") - inbound(well, "bounced"),
            "twice": wrong.outcome.timing.copies.count - well.outcome.timing.copies.count,
            "unwanted": cost.unwanted - reference.unwanted,
        }
        assert max(worse_by.values()) > 0, name


def test_prices_are_those_of_what_was_opened() -> None:
    """Nothing before anything is opened; straight to an open server most of all."""
    nothing = prices(played(runbook="none").session.drill)
    assert (nothing.unwanted, nothing.unarchived) == (0, 0)
    opened = run(
        scenario(NAME, USERS),
        steps(
            NAME,
            (
                "outage.start + 1h",
                "approve exposure whom=everybody emergency=yes because=to see what it costs",
            ),
            ("outage.start + 2h", "lock open everybody"),
            ("outage.start + 26h", "lock close"),
        ),
    )
    drill = opened.session.drill
    from_ms, to_ms = (t_ms for t_ms, _gates in drill.protection.gates[1:])
    usual = world_spec(drill.scenario, drill.seed).stream(INBOUND).count(from_ms, to_ms)
    guard = drill.scenario.organisation.guard
    assert prices(drill).straight == usual * guard.strays_permille // 1000 > 0
    assert prices(drill).by_the_lock == 0, "counted once"


def test_the_herd_comes_when_the_hosts_are_back() -> None:
    nothing = played(runbook="none").session.drill
    found = herd(nothing)
    assert found is not None
    assert found.from_ms <= nothing.milestones["outage.end"] <= found.from_ms + HOUR_MS
    assert found.came > 20 * found.usual, "it is night"
    moved = herd(played().session.drill)
    assert moved is not None
    assert moved.from_ms < nothing.milestones["outage.end"], "with the MX changed it comes to the backup"
    (storm,) = (
        text
        for text in debrief(played().session, played().outcome).findings
        if text.startswith("The retry storm peaked")
    )
    then = played().session.fork(moved.from_ms + HOUR_MS // 2).drill.world.inbound.hop
    assert then is not None
    assert (then.live().written_ms >= moved.from_ms).any(), "some were written in it and not accepted"
    assert f"{moved.came:,} messages arrived from the internet, and {moved.usual:,} were written" in storm


def test_a_backup_with_little_room_lets_the_herd_wait_at_its_door() -> None:
    """One message a time, for 40 s: 45 in half an hour and no more; the rest is still with its senders."""
    roomy = scenario(NAME, USERS)
    secondary = roomy.organisation.secondary.model_copy(update={"at_a_time": 1, "per_message_ms": 40_000})
    narrow = roomy.model_copy(
        update={"organisation": roomy.organisation.model_copy(update={"secondary": secondary})}
    )
    one = run(narrow, reference(NAME))
    taken = one.session.drill.world.relay.entered
    begin_ms = one.milestones["mx.changed"]
    halves = [
        taken.between(a_ms, a_ms + 30 * MINUTE_MS)
        for a_ms in range(begin_ms, begin_ms + 6 * HOUR_MS, 30 * MINUTE_MS)
    ]
    assert max(halves) == 45
    free = herd(played().session.drill)
    assert free is not None
    assert free.came > 200
    later_ms = ONSET_MS + 6 * HOUR_MS
    assert inbound_at(one, later_ms)["at_sender"] > 2 * inbound_at(played(), later_ms).get("at_sender", 0)


def greylisting(wait: str, *setting: str) -> Played:
    """The reference runbook with a backup that has never seen these senders; `setting`: of `backup set`."""
    one = load_scenario(NAME, {"users": str(USERS), "greylisting": wait})
    asked = f"backup set {' '.join(setting)}"
    given = [
        step.model_copy(update={"do": asked}) if step.id == "recipients" else step
        for step in reference(NAME).steps
    ]
    return run(one, reference(NAME).model_copy(update={"steps": tuple(given)}))


def test_a_greylisting_backup_delays_mail_to_the_next_attempt_unless_it_is_switched_off() -> None:
    usual, off = played(), greylisting("1h", "recipients=on", "greylist=off")
    unasked = greylisting("1h", "recipients=on")
    short = greylisting("1m", "recipients=on")
    first = [one.session.drill.world.inbound.first_contacts() for one in (usual, off, short, unasked)]
    assert first[:2] == [0, 0]
    assert first[3] >= first[2] > 500
    assert off.outcome.lost.at_senders.count == usual.outcome.lost.at_senders.count
    assert off.outcome.timing.late.count == usual.outcome.timing.late.count
    assert short.outcome.lost.at_senders.count > usual.outcome.lost.at_senders.count, (
        "an application tries once"
    )
    assert (
        usual.outcome.timing.late.count < short.outcome.timing.late.count < unasked.outcome.timing.late.count
    )
    p50, tries = ([f(one) for one in (usual, short, unasked)] for f in (waited_ms, attempts_in))
    assert tries == sorted(tries)
    assert p50 == sorted(p50)
    told = debrief(unasked.session, usual.outcome).findings
    assert any(line.startswith(f"The backup greylisted {first[3]:,} first contacts") for line in told)


def waited_ms(one: Played) -> int:
    """How long nine tenths of inbound mail took at most."""
    return one.session.drill.world.ledger.delay_ms(INBOUND, 90) or 0


def attempts_in(one: Played) -> int:
    return one.session.drill.world.attempts()["inbound"]


@pytest.mark.parametrize("name", VARIANTS)
def test_the_reference_of_each_variant_meets_its_objectives(name: str) -> None:
    assert set(played(name).objectives.values()) == {"met"}


def test_an_mx_change_does_not_release_mail_held_by_the_gateway() -> None:
    grey, refusing = played("gateway-grey"), played()
    assert grey.milestones["inbound.moved"] < ONSET_MS + 4 * HOUR_MS
    early, late = (inbound_at(grey, ONSET_MS + hours * HOUR_MS) for hours in (4, 10))
    assert early["held"] > 300
    assert early["held"] <= late["held"] < 1.1 * early["held"], "what it has it keeps; hardly any joins it"
    assert late.get("at_sender", 0) == 0, "every sender has its 250"
    waits = inbound_at(refusing, ONSET_MS + 10 * HOUR_MS)
    assert waits.get("at_sender", 0) < late["held"] / 5, "mail at its senders follows the new MX"
    assert inbound(grey, "bounced") == 0


def test_with_half_a_gateway_mail_arrives_without_any_change() -> None:
    half = played("gateway-half")
    came = inbound_at(half, ONSET_MS + 6 * HOUR_MS)
    assert came.get("at_sender", 0) < came["delivered"] // 50
    moved = played("gateway-half", NAME)
    assert moved.objectives["mx-left-alone"] == "failed"
    gained = moved.outcome.inbound.delivered - half.outcome.inbound.delivered
    assert gained <= half.outcome.inbound.delivered // 300, "only what applications try once, on one host"


def test_if_the_gateway_is_back_by_one_an_mx_change_gains_nothing_and_opens_the_lock() -> None:
    waited, changed = played("gateway-back-soon"), played("gateway-back-soon", NAME)
    assert changed.objectives["left-alone"] == "failed"
    assert changed.session.drill.room.openings.entries != []
    assert waited.session.drill.room.openings.entries == []
    assert waited.outcome.inbound.delivered >= changed.outcome.inbound.delivered - 3
    nothing = played("gateway-back-soon", "none")
    assert nothing.outcome.inbound.delivered == waited.outcome.inbound.delivered, (
        "the mail is left alone; people are told"
    )
    assert nothing.objectives["users-told"] == "failed"


def test_nobody_complains_of_a_dead_gateway_that_is_back() -> None:
    """Of an outage of ten minutes comes its first symptom."""
    short = run(scenario(NAME, 30, outage="10m"), None)
    assert len(short.said("ticket")) == 1
    late = ("secure-message", "continuity", "Offers", "not been told")
    assert not [text for text in short.said("call") if any(word in text for word in late)]
    assert len(played(runbook="none").said("ticket")) > 2
