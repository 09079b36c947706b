"""Parts of a Markdown page that a command writes: what stands between `<!-- NAME -->` and `<!-- /NAME -->`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digitscribe.errors import InvalidInput


def part(page: str, name: str) -> str:
    """What stands between the marks of `name`.

    Raises:
        InvalidInput: the page has no such marks.
    """
    found = _marks(name).search(page)
    if not found:
        raise InvalidInput(f"the page has no part <!-- {name} -->")
    return found[2].strip()


def replaced(page: str, name: str, content: str) -> str:
    """`page` with `content` between the marks of `name`; raises InvalidInput as `part` does."""
    part(page, name)
    return _marks(name).sub(lambda found: f"{found[1]}{content.strip()}\n{found[3]}", page)


def _marks(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {re.escape(name)} -->\n)(.*?)(<!-- /{re.escape(name)} -->)", re.DOTALL)


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def percent(share: float) -> str:
    """A share in [0, 1] as people read it."""
    return f"{100 * share:.2f} %"
