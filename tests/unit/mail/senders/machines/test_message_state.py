"""What a sender remembers of a message is kept whole at a hold, and brought back whole."""

from dataclasses import fields, replace

from sim.mail.senders.machines.message_state import QueuedMessage

NEVER_CHANGES = {"id", "arrival_ms", "held"}


def test_all_that_changes_is_kept_and_brought_back_in_its_place() -> None:
    names = [field.name for field in fields(QueuedMessage) if field.name not in NEVER_CHANGES]
    mail = QueuedMessage(7, 11, **{name: 100 + place for place, name in enumerate(names)})
    before, state = replace(mail), mail.state()
    assert len(state) == len(names)
    for name in names:
        setattr(mail, name, -1)
    mail.restore(state)
    assert mail == before
