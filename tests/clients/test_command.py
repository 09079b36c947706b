"""`digitscribe` as people and scripts use it, against the running system."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.terminal import COMMAND, CTRL_C, program, run, terminal
from tests.conftest import free_port
from tests.running_system import RunningSystem

pytestmark = pytest.mark.slow

NUMBERS = ("2047", "31", "905", "7", "468")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, write_number: Callable[[str], bytes]) -> Path:
    """A folder of numbers, named by their places, one of them deeper."""
    made = tmp_path_factory.mktemp("numbers")
    (made / "deeper").mkdir()
    for place, number in enumerate(NUMBERS):
        path = made / ("deeper" if number == "468" else "") / f"{place}.png"
        path.write_bytes(write_number(number))
    (made / "notes.txt").write_text("no image")
    return made


def test_a_folder_is_read_by_name_and_what_is_no_image_in_it_is_left_alone(system: RunningSystem, folder: Path) -> None:
    done = run(system.gateway_url, "recognize", str(folder), "--jsonl")
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["text"] for each in found] == list(NUMBERS[:4])
    assert [Path(each["file"]).name for each in found] == ["0.png", "1.png", "2.png", "3.png"]


def test_folders_in_folders_patterns_and_the_standard_input_are_read_in_the_order_of_the_line(
    system: RunningSystem, folder: Path
) -> None:
    words = ("--text", f"{folder}/[13].png", "-", "--recursive", f"{folder}/deeper")
    done = run(system.gateway_url, "recognize", *words, stdin=(folder / "0.png").read_bytes())
    assert done.stdout.split() == ["31", "7", "2047", "468"], done.stderr


def test_images_that_cannot_be_read_are_named_and_do_not_hurt_the_others(system: RunningSystem, folder: Path) -> None:
    (folder / "broken").mkdir(exist_ok=True)
    broken = folder / "broken" / "x.png"
    broken.write_bytes((folder / "0.png").read_bytes()[:40])
    done = run(system.gateway_url, "recognize", str(broken), f"{folder}/0.png", f"{folder}/nowhere.png")
    assert done.returncode == 1
    assert re.search(r"0\.png +2047", done.stdout), done.stdout
    assert re.search(r"x\.png: .*damaged", done.stderr), done.stderr
    assert "nowhere.png cannot be read: No such file" in done.stderr
    assert "1 read · 2 failed" in done.stderr


def test_csv_and_json_say_the_same_and_parse_back(system: RunningSystem, folder: Path) -> None:
    words = (str(folder / "0.png"), str(folder / "notes.txt"), str(folder / "2.png"))
    as_csv = run(system.gateway_url, "recognize", *words, "--csv")
    as_json = run(system.gateway_url, "recognize", *words, "--json")
    assert as_csv.returncode == as_json.returncode == 1
    rows, documents = list(csv.DictReader(io.StringIO(as_csv.stdout))), json.loads(as_json.stdout)
    assert [row["text"] for row in rows] == ["2047", "", "905"]
    assert [row["file"] for row in rows] == [each["file"] for each in documents] == list(words)
    assert [row["status"] for row in rows] == [each["status"] for each in documents] == ["done", "failed", "done"]
    assert float(rows[0]["confidence"]) == pytest.approx(min(d["confidence"] for d in documents[0]["digits"]), abs=1e-4)


def test_a_setting_of_preprocessing_reaches_the_reading(system: RunningSystem, folder: Path) -> None:
    image = str(folder / "0.png")
    done = run(system.gateway_url, "recognize", image, "--jsonl", "--set", "polarity=light_on_dark")
    assert json.loads(done.stdout)["profile"] == {"polarity": "light_on_dark"}
    wrong = run(system.gateway_url, "recognize", image, "--set", "slant=1")
    assert wrong.returncode == 2
    assert "deslant" in wrong.stderr


def test_a_watched_folder_is_read_as_it_fills(system: RunningSystem, folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "0.png", tmp_path / "there.png")
    with terminal(system.gateway_url, "recognize", "--watch", str(tmp_path)) as screen:
        screen.wait_for(r"there\.png +.*2047")
        shutil.copy(folder / "1.png", tmp_path / "new.png")
        screen.wait_for(r"new\.png +.*31")
        screen.press(CTRL_C)
        assert screen.end() == 130


def test_ctrl_c_in_the_middle_leaves_a_clean_terminal_and_what_was_read(system: RunningSystem, folder: Path) -> None:
    many = [str(folder / "0.png")] * 400
    with terminal(system.gateway_url, "recognize", *many, "--batch", "1", "--in-flight", "1") as screen:
        screen.wait_for(r"[1-9]\d*/400")
        screen.press(CTRL_C)
        status = screen.end()
    assert status == 130
    assert re.search(r"0\.png.*2047", screen.text)
    assert re.search(r"\d+ read · \d+ left", screen.text)
    assert "Traceback" not in screen.text
    assert screen.shown.rfind("\x1b[?25h") > screen.shown.rfind("\x1b[?25l"), "the cursor stays hidden"


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=["terminal", "NO_COLOR"])
def test_colours_are_for_terminals_that_want_them(system: RunningSystem, env: dict[str, str], coloured: bool) -> None:
    for words in (("status",), ("--help",)):
        with terminal(system.gateway_url, *words, **env) as screen:
            assert screen.end() == 0
        assert bool(re.search(r"\x1b\[[0-9;]*3\dm", screen.shown)) is coloured, screen.shown
    assert "\x1b" not in run(system.gateway_url, "status").stdout


def test_status_models_history_and_cameras_are_json_when_asked(system: RunningSystem, folder: Path) -> None:
    run(system.gateway_url, "recognize", str(folder / "0.png"))
    found = {
        name: json.loads(run(system.gateway_url, name, "--json").stdout)
        for name in ("status", "models", "history", "cameras", "trainings")
    }
    assert found["status"]["serving"]["reachable"] is True
    assert found["models"]["stable"] >= 1
    assert found["history"][0]["text"] == "2047"
    assert isinstance(found["cameras"], list)
    assert isinstance(found["trainings"], list)


def test_a_correction_is_kept(system: RunningSystem, folder: Path) -> None:
    reading = json.loads(run(system.gateway_url, "recognize", str(folder / "1.png"), "--jsonl").stdout)
    done = run(system.gateway_url, "correct", reading["id"], "0", "none")
    assert done.returncode == 0, done.stderr
    kept = (system.state / "corrections" / "corrections.jsonl").read_text().splitlines()[-1]
    assert json.loads(kept)["recognition_id"] == reading["id"]
    assert json.loads(kept)["label"] is None


def test_watch_shows_what_happens(system: RunningSystem, folder: Path) -> None:
    with terminal(system.gateway_url, "watch", "recognition", "--count", "1") as screen:
        screen.wait_for("listening")
        with terminal(system.gateway_url, "watch", "queue", "--count", "1", "--jsonl") as other:
            other.wait_for('"pending_images"')  # a stream that began later has begun: so has the first
        run(system.gateway_url, "recognize", str(folder / "2.png"))
        screen.wait_for(r"recognition.*905.* %")
        assert screen.end() == 0


def test_a_training_is_followed_to_its_end_and_its_version_takes_the_traffic_when_told(system: RunningSystem) -> None:
    before = json.loads(run(system.gateway_url, "models", "--json").stdout)["stable"]
    words = ("--epochs", "1", "--limit", "256", "--no-promote", "--max-accuracy-drop", "1")
    with terminal(system.gateway_url, "train", *words) as screen:
        screen.wait_for("queued|load|train")
        assert screen.end() == 0, screen.shown
    assert re.search(r"done: version (\d+), validation \d+\.\d\d %", screen.text), screen.text
    assert re.search("validation +[▁▂▃▄▅▆▇█] ", screen.text), screen.text
    version = json.loads(run(system.gateway_url, "models", "--json").stdout)["versions"][0]["version"]
    for each in (version, before):
        done = run(system.gateway_url, "activate", str(each))
        assert f"version {each} is in traffic" in done.stdout, done.stderr


def test_ctrl_c_stops_looking_at_a_training_and_not_the_training(system: RunningSystem) -> None:
    with terminal(system.gateway_url, "train", "--epochs", "50", "--limit", "256") as screen:
        screen.wait_for("queued|load|train")
        screen.press(CTRL_C)
        assert screen.end() == 130
    assert screen.shown.rfind("\x1b[?25h") > screen.shown.rfind("\x1b[?25l"), "the cursor stays hidden"
    told = re.search(r"digitscribe train --follow ([0-9a-f]{32})", screen.text)
    assert told, screen.text
    cancelled = run(system.gateway_url, "train", "--cancel", told[1])
    assert (cancelled.returncode, cancelled.stdout.strip()) == (0, "cancelled"), cancelled.stderr


def test_exit_statuses_tell_apart_refusals_usage_and_absence(system: RunningSystem, tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    expected = {
        (system.gateway_url, "activate", "999"): (1, "no version 999"),
        (system.gateway_url, "recognize"): (2, "name images to read"),
        (system.gateway_url, "recognize", str(tmp_path)): (2, "no images in"),
        (system.gateway_url, "recognize", f"{tmp_path}/*.png"): (2, "no file fits"),
        (system.gateway_url, "train", "--epochs", "0"): (2, "epochs: Input should be greater"),
        (system.gateway_url, "correct", "none", "0", "7"): (1, "recognition_id"),
        (system.gateway_url, "correct", "0" * 32, "-1", "7"): (2, "-1"),
        (system.gateway_url, "recgnize"): (2, "No such command"),
        ("ftp://there", "status"): (2, "is no address"),
        (nobody, "recognize", "a.png"): (3, f"no gateway answers at {nobody}"),
        (system.serving_rest, "status"): (3, "Digitscribe gateway"),
    }
    for (url, *words), (status, message) in expected.items():
        done = run(url, *words)
        assert (done.returncode, message in done.stderr) == (status, True), f"{words}: {done}"


def test_an_address_on_the_command_line_goes_before_the_variable(system: RunningSystem) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    for words in (("--url", system.gateway_url, "status"), ("status", "--url", system.gateway_url)):
        assert run(nobody, *words).returncode == 0


def test_bash_completes_commands_options_and_versions(system: RunningSystem) -> None:
    script = f"""
    export DIGITSCRIBE_URL={system.gateway_url} PATH={Path(COMMAND).parent}:$PATH
    eval "$(digitscribe completion bash)"
    complete_words() {{
      COMPREPLY=(); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _digitscribe_completion "$1"; echo "${{COMPREPLY[@]}}"
    }}
    complete_words digitscribe rec
    complete_words digitscribe recognize --js
    complete_words digitscribe recognize --set des
    complete_words digitscribe activate ""
    """
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, timeout=120)
    commands, options, settings, versions = done.stdout.splitlines()
    assert commands == "recognize"
    assert set(options.split()) == {"--json", "--jsonl"}
    assert settings == "deslant="
    assert "1" in versions.split()


SHELLS = {
    "zsh": (["zsh", "-f", "-i"], 'autoload -Uz compinit && compinit -D -u && eval "$(digitscribe completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "digitscribe completion fish | source"),
}


@pytest.mark.programs
@pytest.mark.parametrize("shell", SHELLS)
def test_the_other_shells_complete_at_a_prompt(system: RunningSystem, tmp_path: Path, shell: str) -> None:
    words, load = SHELLS[shell]
    with program(system.gateway_url, *words, HOME=str(tmp_path)) as prompt:
        prompt.press(f"{load}; echo load''ed\n".encode())
        prompt.wait_for("loaded")
        # only a word that the tab has completed is a command that tells of itself
        prompt.press(b"digitscribe recog\t --help\n")
        prompt.wait_for(r"Usage: digitscribe recognize")
        prompt.press(b"digitscribe recognize --set desl\t\x01echo \n")
        prompt.wait_for(r"deslant=")
