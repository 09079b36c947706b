"""How right a reading is: edit distance over rows, or over a multiset where the order is a matter of judgement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """One image: digits expected, errors (edit distance), and whether all of it is right."""

    digits: int
    errors: int
    exact: bool


@dataclass(frozen=True)
class Total:
    """Several images together."""

    images: int
    exact: int
    digits: int
    errors: int

    @property
    def digits_right(self) -> float:
        """1 − edit distance ÷ digits, not below 0."""
        return max(0.0, 1.0 - self.errors / self.digits) if self.digits else 1.0

    @property
    def images_exact(self) -> float:
        """Share of images without any error."""
        return self.exact / self.images if self.images else 1.0


def edit_distance(expected: str, read: str) -> int:
    """Fewest insertions, deletions and replacements that turn `read` into `expected` (Levenshtein)."""
    return _distances(expected, read)[-1][-1]


def kept(expected: str, read: str, unordered: bool = False) -> list[bool]:
    """Which characters of `read` are right, where as few as can be are changed to come to `expected`."""
    if unordered:
        return [read[:place].count(got) < expected.count(got) for place, got in enumerate(read)]
    distances, right = _distances(expected, read), [False] * len(read)
    i, j = len(expected), len(read)
    while i and j:
        if expected[i - 1] == read[j - 1] and distances[i][j] == distances[i - 1][j - 1]:
            right[j - 1] = True
            i, j = i - 1, j - 1
        elif distances[i][j] == distances[i - 1][j - 1] + 1:
            i, j = i - 1, j - 1
        elif distances[i][j] == distances[i][j - 1] + 1:
            j -= 1
        else:
            i -= 1
    return right


def _distances(expected: str, read: str) -> list[list[int]]:
    """Edit distances between all beginnings of `expected` (rows) and of `read` (columns)."""
    rows = [list(range(len(read) + 1))]
    for i, wanted in enumerate(expected, start=1):
        previous, current = rows[-1], [i]
        for j, got in enumerate(read, start=1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (wanted != got)))
        rows.append(current)
    return rows


def multiset_distance(expected: str, read: str) -> int:
    """Edit distance where the order does not matter."""
    missing, extra = Counter(expected) - Counter(read), Counter(read) - Counter(expected)
    return max(missing.total(), extra.total())


def score(expected: Sequence[str], read: Sequence[str], unordered: bool = False) -> Score:
    """Compare rows of digits. Digits right do not ask for the rows to break at the same place; exact does."""
    wanted, got = "".join(expected), "".join(read)
    if unordered:
        errors = multiset_distance(wanted, got)
        return Score(len(wanted), errors, errors == 0)
    return Score(len(wanted), edit_distance(wanted, got), list(expected) == list(read))


def total(scores: Iterable[Score]) -> Total:
    """Sum up."""
    each = list(scores)
    return Total(
        len(each), sum(one.exact for one in each), sum(one.digits for one in each), sum(one.errors for one in each)
    )
