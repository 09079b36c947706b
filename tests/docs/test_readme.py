"""The README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from digitscribe.guard import LOCAL_SUFFIXES

from tools.settings_table import settings_table

ROOT = Path(__file__).parents[2]


def test_settings_table_is_the_generated_one() -> None:
    assert settings_table() in (ROOT / "README.md").read_text()


def test_every_link_to_a_file_leads_to_one() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
        broken = [link for link in links if not (page.parent / link).exists()]
        assert not broken, f"{page.name}: {broken}"


def test_every_locked_dependency_that_is_asked_for_has_its_reason_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    lines = [line for file in (ROOT / "requirements").glob("*.in") for line in file.read_text().splitlines()]
    names = {re.split(r"[=<>;\s\[]", line)[0] for line in lines if line and not line.startswith(("#", "-"))}
    missing = sorted(name for name in names if f"`{name}`" not in readme)
    assert not missing, f"no reason given for {missing}"


def test_what_is_seen_stands_in_one_row_of_the_troubles() -> None:
    troubles = (ROOT / "README.md").read_text().split("## Troubleshooting")[1].split("\n## ")[0]
    seen = [row.split("|")[1].strip() for row in troubles.splitlines() if row.startswith("| ")]
    assert len(seen) == len(set(seen)) > 5


def test_every_name_that_nobody_can_register_is_told() -> None:
    told = (ROOT / "deploy" / "README.md").read_text()
    assert [suffix for suffix in LOCAL_SUFFIXES if f"`{suffix}`" not in told] == []
