"""People's names in a paper, replaced by their roles: for handouts, and for `--anonymous`."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from sim.drill.room.table_record import FACILITATOR
from sim.drill.scenario.scenario import Scenario

_LEAST = 3
"""Minimum length of a part of a name that is replaced on its own. Parts that are shorter (`Li`), or that
do not begin with a capital (`van`), are replaced only within the full name.
"""


def roles_for_names(
    scenario: Scenario, at_table: Mapping[str, str] = MappingProxyType({})
) -> Callable[[str], str]:
    """A function that replaces each name of the organisation's people by `the messaging admin 1`.

    `at_table`: people at a table, each with the seat; their names become `the player at dns`.

    Full names come first, then their parts as whole words. Texts that people wrote may contain other names,
    which are not in any list.
    """
    people = scenario.organisation.staff
    of_role, seen = Counter(person.role for person in people), Counter[str]()
    roles: dict[str, str] = {}
    parts: dict[str, str] = {}
    for person in people:
        seen[person.role] += 1
        number = f" {seen[person.role]}" if of_role[person.role] > 1 else ""
        role = f"the {person.role.replace('-', ' ')}{number}"
        roles[person.name] = role
        parts |= {
            part: role
            for part in re.findall(r"\w+", person.name)
            if len(part) >= _LEAST and part[0].isupper()
        }
    for name, seat in at_table.items():
        role = "the facilitator" if seat == FACILITATOR else f"the player at {seat}"
        roles[name] = role
        parts |= {
            part: role for part in re.findall(r"\w+", name) if len(part) >= _LEAST and part[0].isupper()
        }
    roles = parts | roles
    if not roles:
        return lambda text: text
    longest_first = sorted(roles, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return lambda text: pattern.sub(lambda found: roles[found.group()], text)
