"""What one sees while a network trains: a progress bar, in a terminal or a notebook."""

from types import TracebackType

from tqdm.auto import tqdm


class Bar:
    """A bar over all images of a run, with loss, accuracy, images/s and the time left."""

    def __init__(self, epochs: int, images_per_epoch: int, shown: bool) -> None:
        self.epochs = epochs
        self.images_per_epoch = images_per_epoch
        self._shown = shown

    def __enter__(self) -> "Bar":
        self._bar = tqdm(
            total=self.epochs * self.images_per_epoch,
            unit=" images",
            unit_scale=True,
            disable=not self._shown,
        )
        self._tested = ""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.close()

    def trained(self, epoch: int, images: int, loss: float, accuracy: float) -> None:
        """Show the mean loss and accuracy of the first ``images`` of an epoch (from 0)."""
        if self._bar.n == 0:  # what a resumed run did before was not done in this time
            self._bar.initial = epoch * self.images_per_epoch + images
            self._bar.n = self._bar.initial
        self._bar.set_description(f"epoch {epoch + 1}/{self.epochs}", refresh=False)
        self._bar.set_postfix_str(f"loss {loss:.3f}, accuracy {accuracy:.1%}{self._tested}")
        self._bar.update(epoch * self.images_per_epoch + images - self._bar.n)

    def tested(self, accuracy: float) -> None:
        """Show the validation accuracy from now on."""
        self._tested = f", validation {accuracy:.1%}"
