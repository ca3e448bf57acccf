"""Sign-ins without the directory are openings, each with its undo and proof; nobody drops out of an event."""

from sim.drill.commands.registry import COMMANDS
from sim.drill.room.openings_register import KINDS
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.given import done, refused

OFFLINE_MS = 90 * MINUTE_MS
BACK_MS = OFFLINE_MS + 2 * HOUR_MS


def opened() -> Session:
    """Both sign-ins opened, an event for all announced, and the directory back."""
    session = Session.start(load_scenario("m365-offline", {"users": "60", "outage": "2h"}), 2)
    session.advance(OFFLINE_MS + MINUTE_MS)
    assert refused(session, "signin seal").startswith("the emergency account is already sealed")
    assert refused(session, "signin directory") == "sign-ins already go to the directory"
    done(session, "signin break-glass")
    done(session, "signin cloud")
    assert refused(session, "signin cloud").startswith("cloud passwords are already accepted")
    assert refused(session, "signin directory").startswith("the directory does not answer")
    done(session, "continuity start for=16h")
    session.advance(BACK_MS + MINUTE_MS)
    return session


def unproven(session: Session) -> int:
    found = FIGURES["openings-unproven"].measure(session.drill)
    assert isinstance(found, int)
    return found


def test_each_is_open_until_it_is_undone_and_proven() -> None:
    session = opened()
    assert unproven(session) == 2
    assert "cloud-signin open since" in done(session, "openings show")
    assert "break-glass open since" in done(session, "openings show")
    assert done(session, "openings prove break-glass").endswith("it is still OPEN")
    inside = session.drill.continuity.users_in()
    assert inside > 30
    assert done(session, "signin directory").startswith("portal and mobile app use the directory again")
    assert done(session, "openings prove cloud-signin").endswith("it is still OPEN"), "settings take time"
    session.advance(session.now_ms + 15 * MINUTE_MS)
    assert done(session, "openings prove cloud-signin").endswith("proven closed")
    assert done(session, "signin seal").endswith("its password is changed and sealed")
    assert done(session, "openings prove break-glass").endswith("proven closed")
    assert unproven(session) == 0
    assert "openings.closed" in session.drill.milestones
    assert session.drill.continuity.users_in() >= inside, "nobody dropped out"


def test_without_cloud_passwords_the_next_loss_of_the_directory_shuts_users_out() -> None:
    session = opened()
    ways = session.drill.world.users.membership.ways
    done(session, "signin directory")
    before = ways.gaps()
    ways.directory_lost(session.now_ms)
    assert [a.tolist() for a, _ in ways.gaps()[: len(before)]] == [a.tolist() for a, _ in before]
    assert (ways.signs_in_ms() > session.now_ms + 100 * HOUR_MS).all()


def test_every_command_that_exposes_something_names_the_command_that_undoes_it() -> None:
    """A command that makes an opening enters it, and another one closes that."""
    words = {" ".join(kind.words) for kind in COMMANDS}
    closes = {kind.facts.closes for kind in COMMANDS}
    for kind in COMMANDS:
        if kind.facts.opens:
            assert kind.facts.opens in KINDS
            assert any(kind.facts.undo.startswith(word) for word in words), kind.facts.undo
            assert kind.facts.opens in closes or kind.facts.opens in ("connector", "backup-mx", "low-ttl")
