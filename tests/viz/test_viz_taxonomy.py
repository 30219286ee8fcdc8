"""Drawings of taxonomies and of PicoNet: what must be seen is there, and nothing overlaps."""

import warnings

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")

import matplotlib.pyplot as plt

from imagenet_course.data.piconet import TREE
from imagenet_course.data.taxonomy import Synset, Taxonomy
from imagenet_course.viz import piconet as pictures
from imagenet_course.viz import use_style
from imagenet_course.viz.radial import draw_taxonomy_radially
from imagenet_course.viz.taxonomy import branch_colors, draw_taxonomy, leaf_rows


@pytest.fixture(autouse=True)
def _in_the_book_style():
    with plt.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning would be printed in the book
        use_style()
        yield
        plt.close("all")


def texts(figure: plt.Figure) -> list[mpl.text.Text]:
    return [text for text in figure.axes[0].texts if text.get_text()]


@pytest.mark.parametrize("draw", [draw_taxonomy, draw_taxonomy_radially])
@pytest.mark.parametrize("synset", ["entity", "organism", "bird"])
def test_every_synset_is_named_once_inside_the_figure(draw, synset):
    tree = TREE.subtree(synset)
    draw(tree)
    figure = plt.gcf()
    figure.canvas.draw()
    drawn = texts(figure)
    assert sorted(text.get_text() for text in drawn) == sorted(s.name for s in tree)
    width, height = figure.canvas.get_width_height()
    for text in drawn:
        box = text.get_window_extent()
        assert box.x0 >= 0, text.get_text()
        assert box.y0 >= 0, text.get_text()
        assert box.x1 <= width, text.get_text()
        assert box.y1 <= height, text.get_text()


def test_leaves_stand_in_rows_of_their_own_and_parents_amid_children():
    rows = leaf_rows(TREE)
    assert sorted(rows[leaf.wnid] for leaf in TREE.leaves) == list(range(100))
    for synset in TREE:
        below = [rows[child.wnid] for child in TREE.children(synset.wnid)]
        if below:
            assert min(below) <= rows[synset.wnid] <= max(below)


def test_labels_of_a_drawn_tree_do_not_overlap():
    draw_taxonomy(TREE)
    figure = plt.gcf()
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in texts(figure)]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])


def test_branches_have_colors_of_their_own():
    colors = branch_colors(TREE)
    branches = TREE.children("entity")
    assert len({colors[branch.wnid] for branch in branches}) == len(branches)
    assert colors[TREE["owl"].wnid] == colors[TREE["organism"].wnid]


@pytest.mark.parametrize("radial", [False, True])
def test_pictures_stand_beside_the_leaves(radial):
    pictures.tree_with_specimens("flower", radial=radial, size=16)
    figure = plt.gcf()
    assert len(figure.axes[0].images) == 5
    assert all(image.get_array().shape == (16, 16, 3) for image in figure.axes[0].images)


def test_specimens_are_of_their_class():
    bird = TREE.subtree("bird")
    found = pictures.specimens(bird, 24, difficulty=0)
    assert set(found) == {leaf.wnid for leaf in bird.leaves}
    assert all(image.shape == (24, 24, 3) for image in found.values())


def test_gallery_and_sweep():
    pictures.gallery("vehicle", columns=3, size=16)
    figure = plt.gcf()
    shown = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title(loc="center") for axes in shown] == [
        leaf.name for leaf in TREE.leaves_under("vehicle")
    ]
    pictures.knob_sweep("difficulty", [0, 1], count=3, size=16)
    figure = plt.gcf()
    easy, hard = np.split(np.stack([axes.images[0].get_array() for axes in figure.axes]), 2)
    assert easy.shape == (3, 16, 16, 3)
    assert not np.array_equal(easy, hard)


def test_only_trees_are_drawn():
    diamond = Taxonomy(
        (
            Synset("a", "a"),
            Synset("b", "b", "", ("a",)),
            Synset("c", "c", "", ("a",)),
            Synset("d", "d", "", ("b", "c")),
        )
    )
    for draw in (draw_taxonomy, draw_taxonomy_radially):
        with pytest.raises(ValueError, match="only trees can be drawn; 'd' has 2 parents"):
            draw(diamond)
