"""All that one asks of a classifier, from its predictions for one set of images."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binomtest

from imagenet_course.evaluation.bootstrap import Interval, bootstrap_interval
from imagenet_course.evaluation.calibration import (
    expected_calibration_error,
    negative_log_likelihood,
    temperature_scaled,
)
from imagenet_course.evaluation.checks import check_classes, check_predictions
from imagenet_course.evaluation.confusion import Confusion, confusion_matrix, most_confused
from imagenet_course.evaluation.report import Report, classification_report
from imagenet_course.evaluation.topk import topk_hits

SHOWN = 20  # classes in print; more would scroll away


@dataclass(frozen=True)
class Assessment:
    """Accuracy, calibration, each class's scores and all confusions; ``print`` shows a page.

    ``top`` maps k to the top-k accuracy with its 95 % interval: 1, and 5 where there are more
    classes than that. It is the bootstrap's, or, where all images or none are classified right and
    every resample says the same, that of Clopper & Pearson (1934). ``scaled_ece`` is the
    calibration error at a temperature fitted to other images, see `temperature_scaled`; where none
    can be fitted, both are None and ``uncalibrated`` says why.
    """

    images: int
    top: dict[int, Interval]
    loss: float
    ece: float
    temperature: float | None
    scaled_ece: float | None
    uncalibrated: str
    report: Report
    confused: tuple[Confusion, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it; what is undefined, such as a class without images, is null."""
        averages = (self.report.macro, self.report.weighted)
        return {
            "images": self.images,
            **{f"top{k}": interval._asdict() for k, interval in self.top.items()},
            "loss": self.loss,
            "ece": self.ece,
            "temperature": self.temperature,
            "ece_with_temperature": self.scaled_ece,
            "averages": [asdict(scores) for scores in averages],
            "classes": [
                {key: None if value != value else value for key, value in asdict(scores).items()}
                for scores in self.report.classes
            ],
            "confused": [pair._asdict() for pair in self.confused],
        }

    def __str__(self) -> str:
        lines = [
            f"top-{k}     {estimate:.1%}, 95 % interval {low:.1%} to {high:.1%}"
            for k, (estimate, low, high) in self.top.items()
        ]
        lines.append(f"loss      {self.loss:.3f}")
        ece = f"ECE       {self.ece:.1%}"
        if self.temperature is not None:
            ece += f", {self.scaled_ece:.1%} at temperature {self.temperature:.2f}"
        lines.append(ece)
        if self.uncalibrated:
            lines.append(f"          no temperature: {self.uncalibrated}")
        lines += ["", *self._scores()]
        if self.confused:
            lines += ["", "most often confused"]
        lines += [
            f"{pair.count:6,} × {pair.true} taken for {pair.predicted}, {pair.share:.1%} of them"
            for pair in self.confused[: SHOWN // 2]
        ]
        return "\n".join(lines)

    def _scores(self) -> list[str]:
        """The report, without classes that do not occur; of many classes, the worst."""
        classes = [scores for scores in self.report.classes if not np.isnan(scores.f1)]
        title = []
        if len(classes) > SHOWN:
            title = [f"the {SHOWN} of {len(classes):,} classes with the lowest F1"]
            classes = sorted(classes, key=lambda scores: scores.f1)[:SHOWN]
        return [*title, str(replace(self.report, classes=tuple(classes)))]


def assess(
    logits: ArrayLike, labels: ArrayLike, classes: Sequence[str] | None = None
) -> Assessment:
    """The `Assessment` of logits ``(N, K)`` for labels ``(N,)``; ``classes`` names the K classes.

    Raises TypeError or ValueError for arrays that are no predictions.
    """
    logits, labels = check_predictions(logits, labels)
    names = check_classes(classes, logits.shape[1])
    ks = [k for k in (1, 5) if k == 1 or len(names) > k]
    try:
        temperature, scaled = temperature_scaled(logits, labels)
        scaled_ece, why = expected_calibration_error(scaled, labels), ""
    except ValueError as error:
        temperature, scaled_ece, why = None, None, str(error)
    matrix = confusion_matrix(logits, labels)
    return Assessment(
        images=len(labels),
        top={k: _interval(topk_hits(logits, labels, k)) for k in ks},
        loss=negative_log_likelihood(logits, labels),
        ece=expected_calibration_error(logits, labels),
        temperature=temperature,
        scaled_ece=scaled_ece,
        uncalibrated=why,
        report=classification_report(logits, labels, names),
        confused=tuple(most_confused(matrix, names, count=int((matrix > 0).sum()))),
    )


def _interval(hits: np.ndarray) -> Interval:
    count, n = int(hits.sum()), len(hits)
    if 0 < count < n:
        return bootstrap_interval(np.mean, hits)
    ends = binomtest(count, n).proportion_ci(0.95, "exact")
    return Interval(count / n, float(ends.low), float(ends.high))
