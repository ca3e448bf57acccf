"""Texts that a facilitator reads out: ground rules, assumptions, and the questions for each phase."""

from sim.drill.scenario.scenario import Scenario

STOP_WORD = "REAL EMERGENCY"
"""The words that stop an exercise, unless other words are chosen."""
GROUND_RULES = (
    "You know only what your seat sees. Ignore anything else that you may know about the outage.",
    "Only simulated systems are touched. No one calls, emails or pages a real person about the exercise.",
    "Say what you would do, then do it: give the command, or say it in your own words to the facilitator.",
    "There are no trick questions, and no one is graded as a person. The plan is being tested.",
    "Do not fight the scenario. If something is unrealistic, note it for the hot wash and carry on.",
    "Start and end every call about the exercise with “exercise, exercise, exercise”.",
)
ASSUMPTIONS = (
    "Time is compressed: minutes in this room are hours in the organisation.",
    "The organisation and its people are fictional; products behave as documented or measured.",
    "A person at a seat can be reached. The simulator plays people without a seat, and they take their time.",
    "Work takes time: a command keeps the person who carries it out busy.",
    "Anything that is not on a seat's screen or in an inject has not happened.",
)
_FIND_OUT = (
    "What do you know, and how do you know it? How much of it is a guess?",
    "Who has declared an incident, and what has changed since then?",
    "Which channel still reaches your users when email is down? When did you last test it?",
    "What do you tell users now, while you know so little? Who signs it off?",
    "When did you promise the next update, and who will send it?",
)
_KEEP_WORKING = (
    "Who can work now, and who cannot? How do you know that it works for them?",
    "How old is the oldest queued message, and what happens when it reaches the limit?",
    "Which decision must be made today, although you have few facts? What would make you change it?",
    "What have you opened or switched off in a hurry, who approved it, and when will it be closed again?",
    "What do partners see of your outage, and who tells them?",
    "Who takes over tonight, and what do they need to know?",
)
_RECOVER = (
    "How do you know that the service is back, rather than just reported to be back?",
    "What happens if all queued mail arrives at once? Who watches the disk?",
    "Which mail was lost or sent twice, and who tells the people affected?",
    "Which openings are closed, and how can you prove it?",
    "When do you stop the continuity event, and what must users do then?",
)
_GATEWAY = (
    "Could you change the MX record now, if you wanted to? Who can sign in to the DNS host?",
    "Which protection does mail lose if it bypasses the gateway?",
)
_SERVER = ("Is the gateway's queue a problem or your safety net? For how long?",)
QUESTIONS = (_FIND_OUT, _KEEP_WORKING, _RECOVER)
"""Questions for each phase, in the order of `pack_facts.Phase`."""


def questions(scenario: Scenario, phase: int) -> tuple[str, ...]:
    """The questions of a phase; those of the first two depend in part on the component that fails."""
    if phase > 1:
        return QUESTIONS[phase]
    gateway = any(fault.kind.component == "gateway" for fault in scenario.timeline)
    own = _GATEWAY if gateway else _SERVER if scenario.organisation.behind_gateway else ()
    return (*QUESTIONS[phase], *(own if phase == 1 else own[:1]))


HOT_WASH = (
    "What went better than planned? What went worse?",
    "When did you lack a fact, an access right or a person?",
    "Which decisions would you make again, knowing only what you knew then?",
    "Which three things will be different next month? Who owns each of them, and by when?",
    "How well prepared are we for this outage, from 1 to 5? Everyone writes a number before anyone speaks.",
)
