"""Progress of a training on the terminal."""

from __future__ import annotations

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from trainer.steps import Step


class TrainingBars:
    """A bar for the whole training, with loss and accuracy; a line for each finished epoch. A listener of `Fitting`."""

    def __init__(self, epochs: int, steps: int) -> None:
        self._epochs = epochs
        self._progress = Progress(
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._task = self._progress.add_task("train", total=steps, epoch=1, epochs=epochs, state="")

    def __enter__(self) -> TrainingBars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, step: Step) -> None:
        """Show `step`."""
        state = f"loss {step.loss:.3f}, accuracy {step.accuracy:.2%}"
        epoch = min(step.epoch + 1, self._epochs)
        self._progress.update(self._task, completed=step.step, epoch=epoch, state=state)
        if step.validation_accuracy is not None:
            self._progress.print(f"epoch {step.epoch}: {state}, validation accuracy {step.validation_accuracy:.2%}")
