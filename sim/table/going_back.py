"""Going back with everyone: the moment to which a rewind goes, and the name of the branch's journal."""

from itertools import count
from pathlib import Path

from sim.drill.facilitation.evaluation import SetBookmark
from sim.drill.facilitation.inputs import AtTable
from sim.drill.session.session import Session
from sim.kernel.duration import parse_duration


def next_to(journal: Path) -> Path:
    """The path of a new branch: `NAME-branch-2.jsonl` next to `NAME.jsonl` and `NAME-branch-1.jsonl`."""
    stem = journal.stem.rpartition("-branch-")[0] or journal.stem
    names = (journal.with_name(f"{stem}-branch-{number}.jsonl") for number in count(1))
    return next(path for path in names if not path.exists())


def bookmarks_of(session: Session) -> list[tuple[int, str]]:
    """Every bookmark, including those from before a rewind: bookmarks are table commands, so a branch
    repeats them.
    """
    words = f"{' '.join(SetBookmark.words)} "
    set_here = [
        (t_ms, given.text.removeprefix(words).strip())
        for t_ms, given in session.inputs
        if isinstance(given, AtTable) and given.word and given.text.startswith(words)
    ]
    return list(dict.fromkeys([*set_here, *session.bookmarks]))


def moment_of(session: Session, to: str) -> int | None:
    """The moment that a rewind names: a bookmark, a moment of the drill, or a duration back; None if it
    names none.
    """
    marked = {name: t_ms for t_ms, name in bookmarks_of(session)}
    if to in marked:
        return marked[to]
    try:
        return parse_duration(to[2:]) if to.startswith("T+") else session.now_ms - parse_duration(to)
    except ValueError:
        return None


def no_way_back(session: Session, to: str) -> str:
    """The reason why the exercise cannot go back there; empty if it can."""
    moment_ms = moment_of(session, to)
    if session.journal_path is None:
        return "this exercise is not saved, so it cannot go back"
    if moment_ms is None:
        names = ", ".join(dict.fromkeys(name for _t_ms, name in bookmarks_of(session)))
        known = f" ({names})" if names else ""
        return f"{to}: write a moment (T+2h30m), a duration (30m) or the name of a bookmark{known}"
    return "" if 0 <= moment_ms < session.now_ms else f"{to}: not an earlier moment"
