"""The worker: captured frames in, changed frames with their digits out to the gateway."""

from __future__ import annotations

import logging
import time
from threading import Event
from typing import Final

from digitscribe.contracts import CameraFrame, CameraReport, Recognition, RecognitionStatus
from digitscribe.contracts.document import now
from digitscribe.settings import CameraSettings

from camera_worker import counters as count
from camera_worker.capture import Capture
from camera_worker.change import ChangeDetector, Thumbnail, Verdict, thumbnail
from camera_worker.counters import Counters, Histogram
from camera_worker.frames import to_frame
from camera_worker.image import Captured
from camera_worker.mailbox import Mailbox
from camera_worker.preparing import profile_of
from camera_worker.push import Answer, Delivery, Gate, Gateway
from camera_worker.reports import Reporter, client_of
from camera_worker.sources import Source
from camera_worker.tracking import SteadyReading

REPORT_S: Final = 30.0
"""How often the counters are logged."""

LOOK_S: Final = 0.2
"""How long the worker waits for a frame before it looks after the other things."""

_log = logging.getLogger(__name__)


class CameraWorker:
    """Everything between one source and the gateway; `run` works until `stop` is set."""

    def __init__(self, settings: CameraSettings, source: Source, gateway: Gateway) -> None:
        self.counters = Counters()
        self.stop = Event()
        self._source = source
        self._gateway = gateway
        self._gate = Gate()
        self._mailbox: Mailbox[Captured] = Mailbox()
        self._profile = profile_of(settings)
        self._change = ChangeDetector()
        self._steady = SteadyReading()
        self._client = client_of(settings)
        self._reporter = Reporter(self._client, settings.camera_name)
        self._until_sent, self._until_read = Histogram(), Histogram()
        self._reported_s = time.monotonic()
        self._capture = Capture(
            source,
            self._mailbox,
            self.counters,
            fps=settings.camera_fps,
            max_side=settings.camera_max_side,
            stall_s=settings.camera_stall_s,
            loop=settings.camera_loop,
        )

    def run(self) -> None:
        """Work until `stop` is set, or until a file that is not repeated has ended.

        Raises:
            CameraUnavailable: the source hangs in a way that only a new process helps.
        """
        self._capture.start()
        try:
            while not self.stop.is_set():
                self._capture.watch()
                captured = self._mailbox.take(LOOK_S)
                if captured is not None:
                    self._handle(captured)
                elif self._capture.ended:
                    break
                self._report_if_due()
                self._tell()
        finally:
            self._capture.stop(timeout_s=0.3)
            self._gateway.close()
            self._client.close()
            self.report()

    def report(self) -> None:
        """Log the counters and latencies."""
        counted = " ".join(f"{name}={value}" for name, value in self.counters.snapshot().items())
        sent, read = _quantiles(self._until_sent), _quantiles(self._until_read)
        _log.info("%s; from capture until sent %s, until read %s", counted, sent, read)
        self._reported_s = time.monotonic()

    def _tell(self) -> None:
        """Keep the gateway told where this reads, and why nothing comes."""
        report = CameraReport(source=self._source.name[:2000], problem=(self._capture.trouble or "")[:500] or None)
        self._reporter.keep_told(report, time.monotonic())

    def _report_if_due(self) -> None:
        if time.monotonic() - self._reported_s >= REPORT_S:
            self.report()

    def _handle(self, captured: Captured) -> None:
        picture = thumbnail(captured.image)
        verdict = self._change.judge(picture, time.monotonic())
        if not verdict.worth_sending:
            self.counters.add(count.SKIPPED)
        elif self._source.live and self._gate.wait_s(time.monotonic()) > 0:
            self.counters.add(count.DROPPED)
        else:
            self._send(captured, picture, verdict)

    def _send(self, captured: Captured, picture: Thumbnail, verdict: Verdict) -> None:
        frame = to_frame(captured, self._profile, self.counters.snapshot(), self._steady.text)
        frame = frame.model_copy(update={"latency": self._until_read.document()})
        answer = self._push(frame)
        if answer.delivery is not Delivery.TAKEN:
            self.counters.add(count.DROPPED)
            return
        self.counters.add(count.SENT)
        self._change.sent(picture, verdict, time.monotonic())
        if answer.recognition is not None:
            self._take_result(answer.recognition, frame)

    def _push(self, frame: CameraFrame) -> Answer:
        """Offer the frame once if it is live; a file's frame waits until the gateway has answered yes or no."""
        while True:
            self._until_sent.note(_age_ms(frame))
            answer = self._gateway.post(frame)
            answered_s = time.monotonic()
            self._gate.note(answer, answered_s)
            if answer.delivery is not Delivery.AWAY or self._source.live:
                return answer
            if self.stop.wait(self._gate.wait_s(answered_s)):
                return answer
            self._report_if_due()
            # A file has no time of its own: its frame is captured when it is played.
            frame = frame.model_copy(update={"captured_at": now()})

    def _take_result(self, recognition: Recognition, frame: CameraFrame) -> None:
        if recognition.status is not RecognitionStatus.DONE:
            return
        self._until_read.note(_age_ms(frame))
        if self._steady.take(recognition):
            _log.info("reads %r", self._steady.text)


def _age_ms(frame: CameraFrame) -> float:
    return (now() - frame.captured_at).total_seconds() * 1000


def _quantiles(latencies: Histogram) -> str:
    half, most = latencies.quantile_ms(0.5), latencies.quantile_ms(0.95)
    return "-" if half is None else f"p50≤{half:g} p95≤{most:g} ms"
