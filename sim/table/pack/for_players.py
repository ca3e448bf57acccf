"""Papers for players, with only those facts that players know when the exercise starts."""

from sim.drill.commands.registry import COMMANDS
from sim.drill.scenario.scenario import Scenario
from sim.kernel.duration import in_words
from sim.report.paper.html.markup import Markup, el
from sim.table.msel.of_scenario import owner_of
from sim.table.pack.pack_facts import PackFacts
from sim.table.pack.questions import ASSUMPTIONS, GROUND_RULES
from sim.table.pack.sheet_of_paper import bullets, grid, lines, paper, paragraphs
from sim.table.seats import KINDS, SeatKind

PLAYERS = "for players"


def situation_manual(facts: PackFacts) -> str:
    """Briefing, organisation, assumptions, ground rules, and the words that stop the exercise."""
    scenario = facts.scenario
    start = facts.local(0)
    body = [
        el("h1", "Situation manual"),
        el("p", f"{facts.neutral_title} · starts {start:%A %-d %B %Y, %H:%M}", class_="meta"),
        stop_box(facts),
        el("h2", "Briefing"),
        paragraphs(scenario.briefing),
        el("h2", "The organisation"),
        _organisation(scenario),
        el("h3", "People"),
        _people(scenario),
        el("h3", "Ways to reach users"),
        _channels(scenario),
        el("h2", "Assumptions and artificialities"),
        bullets(ASSUMPTIONS),
        el("h2", "Ground rules"),
        bullets(GROUND_RULES),
        el("h2", "Notes"),
        lines(8),
    ]
    return paper("Situation manual", PLAYERS, body)


def stop_box(facts: PackFacts) -> Markup:
    """Instructions for a real emergency."""
    return el(
        "div",
        el("p", "If something real happens, say or type ", el("b", facts.stop_word), "."),
        el(
            "p",
            "Everyone stops at once; the facilitator freezes the clock. Real incidents have priority, and "
            "the exercise continues only when the facilitator says so.",
        ),
        class_="stop",
    )


def _organisation(scenario: Scenario) -> Markup:
    organisation = scenario.organisation
    rows: list[tuple[str, object]] = [
        ("Name", organisation.name),
        ("Mail domain", organisation.domain),
        ("People with a mailbox", organisation.users),
        ("Mail server", organisation.server.name),
    ]
    if organisation.behind_gateway:
        rows.append(
            ("In front of it", "a cloud email gateway, which filters mail and holds undeliverable mail")
        )
    if organisation.groups:
        rows.append(
            ("User groups", ", ".join(f"{one.group} ({one.share_percent} %)" for one in organisation.groups))
        )
    rows.append(("Mail apps", ", ".join(f"{one.app} ({one.share_percent} %)" for one in organisation.apps)))
    if organisation.vendors:
        rows.append(("Vendors", ", ".join(one.vendor.replace("-", " ") for one in organisation.vendors)))
    if organisation.approvals is not None:
        lasts = in_words(organisation.approvals.lasts_ms)
        rows.append(
            ("Needs approval by security", f"bypasses and openings; the first approval lasts {lasts}")
        )
    return grid(("", ""), rows, ("32%", "68%"))


def _people(scenario: Scenario) -> Markup:
    rows = [
        (
            one.name,
            one.role.replace("-", " "),
            one.hours or "day and night",
            "yes" if one.on_call_minutes else "no",
        )
        for one in scenario.organisation.staff
    ]
    return grid(("Name", "Role", "Hours", "On call"), rows)


def _channels(scenario: Scenario) -> Markup:
    rows = [
        (one.via, f"{one.reaches_percent} %", "needs email" if one.needs_mail else "works without email")
        for one in scenario.organisation.channels
    ]
    return grid(("Channel", "Reaches", ""), rows)


def role_cards(facts: PackFacts) -> str:
    """A card for each seat: its people, its consoles and panes, and the people whom it can call."""
    return paper("Role cards", PLAYERS, [_role(facts, kind) for kind in KINDS])


def _role(facts: PackFacts, kind: SeatKind) -> Markup:
    staff = [one for one in facts.scenario.organisation.staff if one.role in kind.roles]
    played = ", ".join(f"{one.name} ({one.hours or 'day and night'})" for one in staff)
    owned = [
        " ".join(one.words) for one in COMMANDS if owner_of(one.facts.role, one.facts.where) == kind.name
    ]
    organisation, rules = facts.scenario.organisation, facts.scenario.rules
    here = {" ".join(one.words) for one in COMMANDS if one.not_here(organisation, rules) is None}
    return el(
        "section",
        el("h1", _title(kind)),
        el("p", f"This seat {kind.does}.", class_="meta"),
        el("p", el("strong", "You play "), played or "a specialist whom the simulator does not name"),
        el("h3", "What you own"),
        el(
            "p",
            _listed([name for name in owned if name in here]) or "decisions and updates, no console",
        ),
        el("h3", "What you see"),
        el("p", ", ".join(kind.places)),
        el("h3", "Whom you can call"),
        bullets([_reach(facts, one) for one in KINDS if one is not kind]),
        el(
            "p",
            "Users, executives, partners and vendors call you; you can call them with ",
            el("code", "phone"),
            ".",
        ),
        el("h3", "What you do not own"),
        el("p", "Ask the seat that owns it. If no one sits there, the simulator's people do it."),
        el("p", "Stop word for a real emergency: ", el("strong", facts.stop_word), class_="note"),
        class_="role",
    )


def _listed(names: list[str]) -> list[Markup | str]:
    return [part for name in names for part in (el("code", name), " · ")][:-1]


def _title(kind: SeatKind) -> str:
    return kind.name.upper() if len(kind.name) <= 3 else kind.name.capitalize()


def _reach(facts: PackFacts, kind: SeatKind) -> str:
    names = [one.name for one in facts.scenario.organisation.staff if one.role in kind.roles]
    return f"{kind.name} ({', '.join(names)}): {kind.does}" if names else f"{kind.name}: {kind.does}"


def feedback_form(facts: PackFacts) -> str:
    """The form that participants fill in afterwards, without their names."""
    scale = ("1 disagree", "2", "3", "4", "5 agree")
    statements = (
        "The exercise felt like our own work.",
        "I knew what was expected of my seat.",
        "The pace left time to think, but not to get bored.",
        "I learned something that I will use.",
        "Our plan would have carried us through this outage.",
        "I could reach the people and find the facts that I needed.",
    )
    asked = (
        "What should we keep doing in an outage?",
        "What should we change first, and who should own it?",
        "What was unrealistic?",
        "What would you like to exercise next?",
    )
    body = [
        el("h1", "Participant feedback"),
        el("p", f"{facts.neutral_title} · no names, five minutes", class_="meta"),
        el("p", "Seat (optional): ____________________    Years in this work: ______"),
        grid(("", *scale), [(one, *("☐" for _ in scale)) for one in statements], ("45%", *("11%",) * 5)),
        [[el("h3", one), *lines(3)] for one in asked],
    ]
    return paper("Participant feedback", PLAYERS, body)


def contact_sheet(facts: PackFacts) -> str:
    """The people in the room, and the contacts in a real emergency."""
    seats = [(kind.name, "", "", "") for kind in KINDS]
    helpers = [("facilitator", "", "", ""), ("evaluator", "", "", ""), ("evaluator", "", "", "")]
    real = [
        ("real incident: on-call", "", "", ""),
        ("real incident: management", "", "", ""),
        ("security desk", "", "", ""),
    ]
    body = [
        el("h1", "Contact sheet"),
        el("p", f"{facts.neutral_title} · fill in before the exercise", class_="meta"),
        stop_box(facts),
        grid(
            ("Seat or task", "Name", "Phone in the room", "Organisation"),
            [*seats, *helpers, *real],
            ("25%", "27%", "23%", "25%"),
        ),
        el("p", "Every call about the exercise begins and ends with “exercise, exercise, exercise”."),
    ]
    return paper("Contact sheet", PLAYERS, body)
