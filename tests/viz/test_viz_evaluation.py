"""Drawings of mistakes and of confidence show the numbers they were given."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")

import matplotlib.pyplot as plt

from imagenet_course.data import load
from imagenet_course.evaluation import Example, confusion_matrix, reliability, worst_examples
from imagenet_course.viz.evaluation import (
    draw_confusion_matrix,
    draw_examples,
    draw_reliability,
)
from imagenet_course.viz.style import use_style


@pytest.fixture(autouse=True)
def _books_style():
    with mpl.rc_context():
        use_style()
        yield
    plt.close("all")


def predictions(n, classes):
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(n, classes)), rng.integers(classes, size=n)
    logits[np.arange(n), labels] += 1
    return logits, labels


def inside(figure, artists):
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    boxes = [artist.get_window_extent() for artist in artists]
    return all(b.x0 >= 0 and b.y0 >= 0 and b.x1 <= width and b.y1 <= height for b in boxes)


def test_confusion_matrix_shows_its_counts_where_they_belong():
    matrix = confusion_matrix(*predictions(200, 6))
    names = ["tench", "English springer", "cassette player", "chain saw", "church", "French horn"]
    figure = draw_confusion_matrix(matrix, names)
    axes = figure.axes[0]
    drawn = {text.get_position(): int(text.get_text()) for text in axes.texts}
    assert drawn == {(p, t): n for (t, p), n in np.ndenumerate(matrix) if n}
    assert [label.get_text() for label in axes.get_yticklabels()] == names
    colors = axes.images[0].get_array()
    assert (np.diag(colors) < 0).all()
    assert (colors[~np.eye(6, dtype=bool)] >= 0).all()
    assert inside(figure, [*axes.get_xticklabels(), *axes.get_yticklabels()])


def test_two_classes_leave_room_for_every_word():
    figure = draw_confusion_matrix(np.array([[9, 1], [2, 8]]), ["cat", "dog"])
    axes, bar = figure.axes
    words = [axes.xaxis.label, axes.yaxis.label, bar.xaxis.label, bar.yaxis.label, bar.title]
    assert inside(figure, [*words, *bar.get_yticklabels()])


def test_large_confusion_matrices_are_drawn_without_numbers_and_names():
    figure = draw_confusion_matrix(confusion_matrix(*predictions(900, 60)))
    assert not figure.axes[0].texts
    assert len(figure.axes[0].get_yticklabels()) < 30


def test_a_class_without_images_is_an_empty_row():
    colors = draw_confusion_matrix([[3, 1], [0, 0]]).axes[0].images[0].get_array()
    assert colors[1].tolist() == [0, 0]


def test_reliability_diagram_bars_end_at_accuracy_and_confidence():
    r = reliability(*predictions(500, 4), bins=10)
    full = r.count > 0
    figure = draw_reliability(r, title="before")
    top, bottom = figure.axes
    bars, gaps = top.containers
    assert [bar.get_height() for bar in bars] == pytest.approx(r.accuracy[full])
    ends = [gap.get_y() + gap.get_height() for gap in gaps]
    assert ends == pytest.approx(r.confidence[full])
    assert sum(bar.get_height() for bar in bottom.containers[0]) == pytest.approx(1)
    assert top.texts[0].get_text() == f"ECE {100 * r.ece:.1f} %"


def test_worst_examples_are_drawn_whole_with_both_names():
    photos = load("photos", "all")
    last = len(photos.classes) - 1
    examples = [Example(i, i, last - i, 0.9, 2.0) for i in range(5)]
    figure = draw_examples(photos, examples, columns=3)
    shown = [axes for axes in figure.axes if axes.images]
    assert len(shown) == 5
    for axes, example in zip(shown, examples, strict=True):
        image = photos.image(example.index)
        assert axes.images[0].get_array().shape[:2] == image.shape[:2]
        assert axes.get_xlim()[0] <= -0.5
        assert axes.get_xlim()[1] >= image.shape[1] - 0.5
        true, guess = axes.get_title(loc="center").splitlines()
        assert photos.classes[example.true].startswith(true.rstrip("…"))
        assert guess.endswith("(90 %)")


def test_examples_of_plain_arrays_carry_class_numbers_or_given_names():
    logits, labels = predictions(20, 3)
    images = np.zeros((20, 8, 8), np.uint8)
    worst = worst_examples(logits, labels, 2, by="confidence")
    titles = [a.get_title(loc="center") for a in draw_examples(images, worst).axes]
    assert titles[0].startswith(f"{worst[0].true}\n→ {worst[0].predicted} (")
    names = ["cat", "dog", "owl"]
    titles = [a.get_title(loc="center") for a in draw_examples(images, worst, names).axes]
    assert titles[0].startswith(f"{names[worst[0].true]}\n→ {names[worst[0].predicted]} (")
    with pytest.raises(ValueError, match="no examples to draw"):
        draw_examples(images, [])
