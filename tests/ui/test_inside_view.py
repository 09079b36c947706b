""" "Look inside": feature maps and evidence of one digit, for eyes, keys and screen readers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.ui.acts import choose, glyphs, grave_faults, picture, rightmost
from tests.ui.conftest import RunningStub

pytestmark = pytest.mark.browser


@pytest.fixture
def read(page: Page) -> Page:
    """A picture of three digits, read."""
    choose(page, ("three.png", "image/png", picture()))
    expect(glyphs(page)).to_have_count(3)
    return page


@pytest.fixture
def opened(read: Page) -> Page:
    """The view of the second digit."""
    glyphs(read).nth(1).click()
    read.get_by_role("button", name="Look inside digit 2").click()
    expect(read.locator("dialog .evidence")).to_be_visible()
    return read


def colour_at(page: Page, x: int, y: int) -> list[int]:
    """RGBA of the evidence at a pixel of the digit's picture."""
    found = page.evaluate(
        """([x, y]) => {
            const context = document.querySelector(".evidence-stage canvas").getContext("2d");
            return [...context.getImageData(x, y, 1, 1).data];
        }""",
        [x, y],
    )
    return [int(value) for value in found]


def test_it_is_about_the_digit_that_is_looked_at(opened: Page) -> None:
    expect(opened.get_by_role("dialog", name="Inside digit 2, read as 1")).to_be_visible()
    expect(opened.locator(".evidence")).to_contain_text("Version 2 of the model answers 1")


def test_what_spoke_for_and_against_has_its_colours_and_a_legend(opened: Page) -> None:
    red, _, blue, strong = colour_at(opened, 12, 4)
    assert blue > red
    assert strong > 200
    red, _, blue, _ = colour_at(opened, 4, 24)
    assert red > blue
    assert colour_at(opened, 14, 14)[3] == 0
    expect(opened.locator(".evidence-scale dd")).to_have_text(["−2.5", "0", "+2.5"])


def test_it_is_told_in_words_as_well(opened: Page) -> None:
    words = "Most of what spoke for the 1 lies at the top; most of what spoke against it at the bottom left."
    expect(opened.get_by_role("img", name=words)).to_be_visible()


def test_picture_and_evidence_can_be_seen_alone(opened: Page) -> None:
    stage = opened.locator(".evidence-stage")
    opened.locator(".evidence").get_by_text("Picture", exact=True).click()
    expect(stage.locator("canvas")).to_be_hidden()
    opened.locator(".evidence").get_by_text("Evidence", exact=True).click()
    expect(stage.locator("img")).to_be_hidden()
    expect(stage.locator("canvas")).to_be_visible()


def test_both_blocks_show_all_their_filters_strongest_first(opened: Page) -> None:
    expect(opened.locator(".layer h3")).to_contain_text(["6 filters, 28×28, 1 of them silent", "8 filters, 14×14"])
    maps = opened.locator(".layer").first.locator(".maps button")
    expect(maps).to_have_count(6)
    expect(maps.first).to_have_accessible_name("Filter 6, strength 100 %")
    expect(maps.last).to_have_accessible_name("Filter 1, strength 0 %")


def test_arrows_go_from_filter_to_filter(opened: Page) -> None:
    maps = opened.locator(".layer").first.locator(".maps button")
    maps.first.focus()
    opened.keyboard.press("ArrowRight")
    expect(maps.nth(1)).to_be_focused()
    expect(opened.locator(".layer figcaption").first).to_contain_text("Filter 5")
    opened.keyboard.press("End")
    expect(maps.last).to_be_focused()
    assert maps.evaluate_all("all => all.filter(each => each.tabIndex === 0).length") == 1


def test_a_version_that_cannot_says_what_helps(read: Page, running: RunningStub) -> None:
    running.stub.looks.explains = False
    read.get_by_role("button", name="Look inside").click()
    expect(read.locator("dialog .problem")).to_contain_text("a newer one can: retrain")


def test_escape_closes_it_and_gives_the_focus_back(opened: Page) -> None:
    opened.keyboard.press("Escape")
    expect(opened.locator("dialog")).to_have_count(0)
    expect(opened.get_by_role("button", name="Look inside")).to_be_focused()


def test_back_closes_it_and_stays_in_the_view(opened: Page) -> None:
    before = opened.url
    opened.go_back()
    expect(opened.locator("dialog")).to_have_count(0)
    assert opened.url == before
    expect(opened.get_by_role("button", name="Look inside")).to_be_visible()


def test_after_it_was_closed_by_hand_back_leaves_the_view(opened: Page) -> None:
    for _ in range(2):
        opened.keyboard.press("Escape")
        expect(opened.locator("dialog")).to_have_count(0)
        opened.get_by_role("button", name="Look inside").click()
        expect(opened.locator("dialog")).to_be_visible()
    opened.keyboard.press("Escape")
    opened.go_back()
    expect(opened.locator("#nav [aria-current]")).to_have_text("Draw")


def test_a_step_to_another_view_right_after_it_was_closed_is_taken(opened: Page) -> None:
    opened.keyboard.press("Escape")
    opened.locator("#nav").get_by_text("History").click()
    opened.reload()
    expect(opened.locator("#nav [aria-current]")).to_have_text("History")
    opened.go_back()
    expect(opened.locator("#nav [aria-current]")).to_have_text("Upload")


def test_keys_in_it_do_not_correct_the_digit_behind_it(opened: Page, running: RunningStub) -> None:
    opened.keyboard.press("7")
    opened.keyboard.press("Delete")
    expect(opened.locator("dialog .evidence")).to_be_visible()
    assert running.stub.corrections == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen(opened: Page, scheme: str) -> None:
    opened.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    opened.set_viewport_size({"width": 360, "height": 740})
    assert rightmost(opened) <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault_in_it(opened: Page, scheme: str) -> None:
    opened.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    assert grave_faults(opened) == []
