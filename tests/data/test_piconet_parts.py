"""The parts of PicoNet: arithmetic, hashing, signed distances, shapes, textures, the tree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagenet_course.data.piconet import TREE, arithmetic, sdf
from imagenet_course.data.piconet.colors import oklch
from imagenet_course.data.piconet.randomness import keys, pixel_noise, uniforms
from imagenet_course.data.piconet.shapes import find_shape, shape_names
from imagenet_course.data.piconet.textures import TEXTURES

LEAVES = [leaf.name for leaf in TREE.leaves]


def grid(size: int = 64, reach: float = 1.2) -> tuple[np.ndarray, np.ndarray]:
    centers = (np.arange(size, dtype=np.float32) + 0.5) * (2 * reach / size) - reach
    x, y = np.meshgrid(centers, -centers)
    return x[None].astype(np.float32), y[None].astype(np.float32)


def drawn(name: str, traits: float = 0.0) -> np.ndarray:
    """The signed distance of a leaf's body on the grid, (H, W)."""
    v = np.full((3, 1, 1, 1), traits, dtype=np.float32)
    shape = find_shape(name)(*grid(), v)
    return (shape[0] if isinstance(shape, tuple) else shape)[0]


# --- arithmetic and hashing -----------------------------------------------------------------


@settings(deadline=None, max_examples=200)
@given(st.floats(-100, 100))
def test_sine(turns):
    assert abs(arithmetic.sin(np.float64(turns)) - np.sin(2 * np.pi * turns)) < 1e-6
    assert abs(arithmetic.cos(np.float64(turns)) - np.cos(2 * np.pi * turns)) < 1e-6


@settings(deadline=None, max_examples=200)
@given(st.floats(-1, 1), st.floats(-1, 1))
def test_angle(x, y):
    if max(abs(x), abs(y)) > 1e-15:
        error = arithmetic.angle(np.float64(y), np.float64(x)) - np.arctan2(y, x) / (2 * np.pi)
        assert abs(error - np.rint(error)) < 2e-6


def test_uniforms_are_uniform_and_unrelated():
    u = uniforms(keys(7, 3, np.arange(20_000)), 40)
    assert u.shape == (40, 20_000)
    assert u.min() >= 0
    assert u.max() < 1
    counts = np.stack([np.bincount((row * 20).astype(int), minlength=20) for row in u])
    # Chi-squared with 19 degrees of freedom, 40 times: all below its 1 - 1e-7 quantile.
    assert ((counts - 1000) ** 2 / 1000).sum(axis=1).max() < 70
    between = np.corrcoef(u) - np.eye(40)
    assert np.abs(between).max() < 0.04
    along = np.corrcoef(u[:, :-1].ravel(), u[:, 1:].ravel())[0, 1]
    assert abs(along) < 0.01


def test_keys_differ():
    made = np.concatenate(
        [keys(seed, use, np.arange(2000)) for seed in range(5) for use in range(5)]
    )
    assert len(np.unique(made)) == len(made)
    assert np.array_equal(keys(3, 2, np.arange(100))[50:], keys(3, 2, np.arange(50, 100)))


def test_splitmix64_is_the_published_one():
    """The first outputs for seed 1234567, as published with the reference implementation."""
    state = np.array([1234567], dtype=np.uint64)
    high = (uniforms(state, 3)[:, 0] * 2**32).astype(np.uint64).tolist()
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert high == [number >> 32 for number in published]


def test_pixel_noise_is_standard():
    noise = pixel_noise(keys(0, 0, np.arange(50)), (32, 32))
    assert noise.shape == (50, 3, 32, 32)
    assert abs(noise.mean()) < 0.01
    assert abs(noise.std() - 1) < 0.01
    channels = np.corrcoef(noise.transpose(1, 0, 2, 3).reshape(3, -1))
    assert np.abs(channels - np.eye(3)).max() < 0.02
    right = np.corrcoef(noise[..., 1:].ravel(), noise[..., :-1].ravel())[0, 1]
    assert abs(right) < 0.02


# --- signed distances -----------------------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(st.floats(0.1, 0.8), st.floats(0.1, 0.8), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_areas(a, b, cx, cy):
    x, y = grid(400)
    pixel = (2.4 / 400) ** 2

    def area(distance: np.ndarray) -> float:
        return float((distance < 0).sum() * pixel)

    assert area(sdf.disk(x, y, a, cx, cy)) == pytest.approx(np.pi * a * a, rel=0.03)
    assert area(sdf.ellipse(x, y, a, b, cx, cy)) == pytest.approx(np.pi * a * b, rel=0.04)
    assert area(sdf.box(x, y, a, b, cx, cy)) == pytest.approx(4 * a * b, rel=0.1)
    assert area(sdf.ring(x, y, a, 0.1, cx, cy)) == pytest.approx(2 * np.pi * a * 0.1, rel=0.1)
    triangle = sdf.convex(x, y, (cx, cy), (cx + a, cy), (cx, cy + b))
    assert area(triangle) == pytest.approx(a * b / 2, rel=0.15)


@pytest.mark.parametrize("n", [3, 4, 5, 6, 8, 12])
def test_figures_with_n_sides_are_n_fold(n):
    x, y = grid()
    for draw in (
        lambda x, y: sdf.regular(x, y, n, 0.9),
        lambda x, y: sdf.star(x, y, n, 0.9, 0.5),
        lambda x, y: sdf.petals(x, y, n, 0.9, 0.3),
    ):
        turned = draw(*sdf.turn(x, y, 1 / n))
        assert np.abs(draw(x, y) - turned).max() < 1e-4
        halfway = draw(*sdf.turn(x, y, 0.5 / n))
        assert np.abs(draw(x, y) - halfway).max() > 0.01


def test_distances_are_distances():
    x, y = grid(200)
    step = 2.4 / 200
    exact = [
        sdf.disk(x, y, 0.5),
        sdf.box(x, y, 0.6, 0.3, corner=0.1),
        sdf.stroke(x, y, [(-0.5, -0.5), (0.2, 0.4), (0.6, -0.2)], 0.2),
        sdf.regular(x, y, 5, 0.8),
        sdf.star(x, y, 5, 0.9, 0.4),
    ]
    for distance in exact:
        down, right = np.gradient(distance[0].astype(np.float64), step)
        slope = np.hypot(down, right)
        assert np.median(slope) == pytest.approx(1, abs=1e-3)
        assert (slope < 1.01).mean() > 0.99  # all but a few on the seams of a fold


# --- the tree and its shapes ----------------------------------------------------------------


def test_the_tree():
    assert len(LEAVES) >= 60
    assert TREE.is_tree
    depths = [TREE.depth(leaf.wnid) for leaf in TREE.leaves]
    assert min(depths) >= 3
    assert all(len(s.wnid) == 9 and s.wnid[0] == "p" and s.wnid[1:].isdigit() for s in TREE)
    assert all(s.gloss for s in TREE)
    assert len({s.name for s in TREE}) == len(TREE)
    assert {name.lower().replace(" ", "_").replace("-", "_") for name in LEAVES} == shape_names()
    for synset in TREE:
        assert len(TREE.children(synset.wnid)) != 1 or synset.name == "fungus"


@pytest.mark.parametrize("name", LEAVES)
def test_shape(name):
    for traits in (-1.0, 0.0, 1.0):
        body = drawn(name, traits)
        assert body.dtype == np.float32
        assert np.isfinite(body).all()
        inside = body < 0
        assert 0.1 < inside.mean() * 2.4**2 / np.pi < 1.0  # of the disk of radius 1
        rows, columns = np.nonzero(inside)
        extent = max(np.ptp(rows), np.ptp(columns)) * 2.4 / 64
        assert 1.3 < extent < 2.2
        edge = np.concatenate([body[0], body[-1], body[:, 0], body[:, -1]])
        assert edge.min() > 0  # nothing is cut off


def test_parts_in_a_second_color_belong_to_the_body():
    v = np.zeros((3, 1, 1, 1), dtype=np.float32)
    colored = 0
    for name in LEAVES:
        shape = find_shape(name)(*grid(), v)
        if isinstance(shape, tuple):
            body, accent = shape
            visible = ((body < 0) & (accent < 0)).sum() / (body < 0).sum()
            assert 0.01 < visible < 0.75, name
            colored += 1
    assert colored > 40


def test_shapes_differ():
    masks = np.stack([drawn(name).ravel() < 0 for name in LEAVES]).astype(float)
    both = masks @ masks.T
    size = masks.sum(axis=1)
    overlap = both / (size[:, None] + size[None] - both) - np.eye(len(LEAVES))
    worst = np.unravel_index(overlap.argmax(), overlap.shape)
    assert overlap.max() < 0.96, (LEAVES[worst[0]], LEAVES[worst[1]])


@pytest.mark.parametrize("texture", TEXTURES, ids=lambda texture: texture.__name__)
def test_textures_are_fields_between_0_and_1(texture):
    x, y = grid(128, reach=6.0)
    amount = texture(x, y)
    assert amount.dtype == np.float32
    assert amount.shape == (1, 128, 128)
    assert amount.min() >= 0
    assert amount.max() <= 1
    assert amount.std() > 0.1


def test_colors():
    gray = oklch(np.array([0.0, 0.5, 1.0]), np.zeros(3), np.zeros(3))
    assert np.ptp(gray, axis=1).max() < 1e-3
    assert gray[0].max() < 1e-3
    assert gray[2].min() > 0.999
    red, green, blue = oklch(np.full(3, 0.6), np.full(3, 0.15), np.array([0.08, 0.39, 0.73]))
    assert (red.argmax(), green.argmax(), blue.argmax()) == (0, 1, 2)
