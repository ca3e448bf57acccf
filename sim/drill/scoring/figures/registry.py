"""Every figure by its name, theme by theme."""

from collections.abc import Mapping

from sim.drill.scoring.figures import calls, continuity, decisions, mail, protection, statements
from sim.drill.scoring.figures.figure import Figure

FIGURES: Mapping[str, Figure] = {
    figure.name: figure
    for theme in (statements, continuity, mail, protection, decisions, calls)
    for figure in theme.FIGURES
}
