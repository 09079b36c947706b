"""Parts of a Markdown page that a command writes: what stands between `<!-- NAME -->` and `<!-- /NAME -->`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digitscribe.errors import InvalidInput


def replaced(page: str, name: str, content: str) -> str:
    """`page` with `content` between the marks of `name`.

    Raises:
        InvalidInput: the page has no such marks.
    """
    marks = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- /{re.escape(name)} -->)", re.DOTALL)
    if not marks.search(page):
        raise InvalidInput(f"the page has no part <!-- {name} -->")
    return marks.sub(lambda found: f"{found[1]}{content.strip()}\n{found[2]}", page)


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def percent(share: float) -> str:
    """A share in [0, 1] as people read it."""
    return f"{100 * share:.2f} %"
