"""HTML and SVG that cannot be injected: every text and attribute value is escaped when it is inserted.

`el` is the only way to make markup; a plain string is always text. Escaping cannot be switched off.
"""

import re
from collections.abc import Iterable

from sim.kernel.frozen import frozen
from sim.kernel.plain_line import in_markup

_NAME = re.compile(r"[a-z][a-zA-Z0-9-]*")
_WITHOUT_CONTENT = frozenset({"meta", "br", "hr", "col"})


@frozen
class Markup:
    """Finished markup, made only by `el`."""

    text: str


def worded(text: str) -> list[Markup | str]:
    """`text`, with each part between two backticks as code; for sentences that quote a command."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a single backtick is an ordinary character
        return [text]
    return [el("code", part) if number % 2 else part for number, part in enumerate(parts)]


def el(tag: str, *content: object, **attributes: str | float | None) -> Markup:
    """An element. Strings and numbers are text; None and "" are nothing; lists are flattened.

    In an attribute's name, `_` is written `-`, and one at the end is dropped (`class_`); None leaves the
    attribute out. Raises ValueError for an invalid name: names come from this program, never from a file.
    """
    names = [name.rstrip("_").replace("_", "-") for name in attributes]
    if not all(_NAME.fullmatch(name) for name in (tag, *names)):
        raise ValueError(f"not a name of an element or attribute: {tag} {names}")
    if any(name.startswith("on") or name in {"href", "src"} for name in names):
        raise ValueError(f"no element of a debrief runs or loads anything: {tag} {names}")
    given = "".join(
        f' {name}="{in_markup(str(value))}"'
        for name, value in zip(names, attributes.values(), strict=True)
        if value is not None
    )
    if tag in _WITHOUT_CONTENT:
        return Markup(f"<{tag}{given}>")
    return Markup(f"<{tag}{given}>{joined(content)}</{tag}>")


def joined(content: object) -> str:
    """The markup of `content`: one text, number or element, or any list of them."""
    match content:
        case None:
            return ""
        case Markup(text):
            return text
        case str():
            return in_markup(content)
        case int() | float():
            return in_markup(f"{content:,}")
        case Iterable():
            return "".join(joined(one) for one in content)
        case _:
            raise TypeError(f"not text and not markup: {type(content).__name__}")


def link_within(anchor: str, text: str) -> Markup:
    """A link to a place on the same page."""
    if not _NAME.fullmatch(anchor):
        raise ValueError(f"not an anchor: {anchor!r}")
    return Markup(f'<a href="#{anchor}">{in_markup(text)}</a>')


def page(title: str, style: str, body: Markup) -> str:
    """A whole HTML document that loads and runs nothing. `style`: its CSS."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    if "<" in style:
        raise ValueError("a style holds no markup")
    head = el(
        "head",
        el("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        Markup(f"<style>{style}</style>"),
    )
    return f'<!doctype html>\n<html lang="en">\n{head.text}\n{body.text}\n</html>\n'
