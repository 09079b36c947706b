"""No password in a log."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from camera_worker.redact import RedactingFilter, redact
from hypothesis import given
from hypothesis import strategies as st

SECRET = "S3CRET"
wild = st.text(st.characters(exclude_categories=("Z", "C")), max_size=12)
schemes = st.sampled_from(["rtsp", "http", "https", "RTSPS", "rtmp", "svn+ssh"])
hosts = st.sampled_from(["cam", "192.168.1.20:554", "[fe80::1]:8080", "camera.example.org"])


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://admin:secret@cam:554/stream1", "rtsp://***@cam:554/stream1"),
        ("rtsp://admin@cam/stream1", "rtsp://***@cam/stream1"),
        ("rtsp://cam/stream1", "rtsp://cam/stream1"),
        ("http://cam/video.cgi?user=a&pwd=b", "http://cam/video.cgi?***"),
        ("http://a:b@cam/video.cgi?pwd=b", "http://***@cam/video.cgi?***"),
        ("http://a:p@ss@cam/", "http://***@cam/"),
        ("http://a:p/w@cam/", "http://***@cam/"),
        ("http://a:p?w@cam/", "http://***"),
        ("http://cam/video.cgi?mail=a@b.org&pwd=b", "http://***"),
        ("http://cam/#token", "http://cam/#***"),
        ("/dev/video0", "/dev/video0"),
        ("0", "0"),
    ],
)
def test_urls_are_shown_without_their_secrets(url: str, shown: str) -> None:
    assert redact(url) == shown


def test_urls_inside_a_sentence_are_redacted_and_the_sentence_stays() -> None:
    assert redact("cannot open rtsp://a:b@cam/1 and http://c:d@cam/2; waiting") == (
        "cannot open rtsp://***@cam/1 and http://***@cam/2; waiting"
    )


@given(schemes, wild, wild, hosts, wild)
def test_no_password_survives(scheme: str, before: str, after: str, host: str, path: str) -> None:
    assert SECRET not in redact(f"{scheme}://user:{before}{SECRET}{after}@{host}/{path}")


@given(schemes, hosts, wild, wild, wild)
def test_no_query_survives(scheme: str, host: str, path: str, before: str, after: str) -> None:
    assert SECRET not in redact(f"{scheme}://{host}/{path}?{before}{SECRET}{after}")


@given(st.text(st.characters(exclude_characters="@?#")))
def test_a_text_without_credentials_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


@given(schemes, wild, hosts)
def test_redacting_twice_changes_nothing_more(scheme: str, password: str, host: str) -> None:
    once = redact(f"open {scheme}://user:{password}@{host}/?q={password} failed")
    assert redact(once) == once


def _record(message: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    exc_info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("test", logging.ERROR, __file__, 1, message, arguments, exc_info)


def test_arguments_of_a_log_line_are_redacted() -> None:
    record = _record("lost %s", f"rtsp://user:{SECRET}@cam/")
    RedactingFilter().filter(record)
    assert logging.Formatter().format(record) == "lost rtsp://***@cam/"


def test_whatever_logs_in_a_process_of_a_camera_is_redacted() -> None:
    program = (
        "import logging; from camera_worker.redact import configure_redacted_logging as configure; "
        "from digitscribe.settings import CameraSettings; configure(CameraSettings()); "
        f"logging.getLogger('else').warning('lost %s', 'rtsp://user:{SECRET}@cam/')"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stderr
    assert "lost rtsp://***@cam/" in said
    assert SECRET not in said


def test_a_traceback_is_redacted() -> None:
    record = _record("failed", error=OSError(f"no route to rtsp://user:{SECRET}@cam/"))
    RedactingFilter().filter(record)
    shown = logging.Formatter().format(record)
    assert "no route to rtsp://***@cam/" in shown
    assert SECRET not in shown
