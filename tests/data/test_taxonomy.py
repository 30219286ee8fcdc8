"""Taxonomies: walking, distances, hierarchical error, and the files they come from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagenet_course.data.taxonomy import Synset, Taxonomy
from imagenet_course.data.taxonomy_files import (
    format_outline,
    parse_outline,
    read_taxonomy,
    read_wordnet,
    write_taxonomy,
)

ANIMALS = """
# a small zoo
n1 animal: a living thing that moves
  n2 dog: man's best friend
    n4 husky
    n5 corgi: short legs
  n3 bird
    n6 wren
"""


@pytest.fixture
def zoo() -> Taxonomy:
    return parse_outline(ANIMALS)


@st.composite
def trees(draw: st.DrawFn) -> Taxonomy:
    """A random tree of 1 to 20 synsets in random order."""
    size = draw(st.integers(1, 20))
    synsets = [Synset("w0", "synset 0", "the root")]
    for i in range(1, size):
        parent = draw(st.integers(0, i - 1))
        synsets.append(Synset(f"w{i}", f"synset {i}", "", (f"w{parent}",)))
    return Taxonomy(tuple(draw(st.permutations(synsets))))


@st.composite
def graphs(draw: st.DrawFn) -> Taxonomy:
    """A random directed acyclic graph with one root, up to three parents each."""
    size = draw(st.integers(1, 15))
    synsets = [Synset("w0", "synset 0")]
    for i in range(1, size):
        parents = draw(st.sets(st.integers(0, i - 1), min_size=1, max_size=3))
        synsets.append(Synset(f"w{i}", f"synset {i}", "", tuple(f"w{p}" for p in sorted(parents))))
    return Taxonomy(tuple(synsets))


def test_walking(zoo):
    assert [(depth, s.name) for depth, s in zoo.walk()] == [
        (0, "animal"), (1, "dog"), (2, "husky"), (2, "corgi"), (1, "bird"), (2, "wren"),
    ]  # fmt: skip
    assert [s.name for s in zoo.hypernym_path("corgi")] == ["animal", "dog", "corgi"]
    assert [s.wnid for s in zoo.leaves] == ["n4", "n5", "n6"]
    assert [s.wnid for s in zoo.leaves_under("dog")] == ["n4", "n5"]
    assert [s.wnid for s in zoo.descendants("n3")] == ["n6"]
    assert zoo["n2"].gloss == "man's best friend"
    assert (zoo.height("animal"), zoo.height("wren"), zoo.depth("wren")) == (2, 0, 2)


def test_distance_is_the_height_of_the_lowest_common_ancestor(zoo):
    assert zoo.lowest_common_ancestor("husky", "corgi").name == "dog"
    assert zoo.lowest_common_ancestor("husky", "dog").name == "dog"
    assert zoo.distance("husky", "corgi") == 1
    assert zoo.distance("husky", "wren") == 2
    assert zoo.distance_matrix().tolist() == [[0, 1, 2], [1, 0, 2], [2, 2, 0]]


def test_hierarchical_error(zoo):
    truth, guess = ["husky", "husky", "corgi", "wren"], ["husky", "corgi", "wren", "wren"]
    assert zoo.hierarchical_error(truth, guess) == pytest.approx((0 + 1 + 2 + 0) / 4)
    assert zoo.hierarchical_error(truth, guess, mistakes_only=True) == pytest.approx((1 + 2) / 2)
    assert zoo.hierarchical_error(truth, truth, mistakes_only=True) == 0.0
    with pytest.raises(ValueError, match="4 targets and 3 predictions"):
        zoo.hierarchical_error(truth, guess[:3])


def test_the_lowest_common_ancestor_among_several_parents():
    diamond = Taxonomy(
        (
            Synset("r", "thing"),
            Synset("a", "pet", "", ("r",)),
            Synset("b", "canine", "", ("r",)),
            Synset("c", "wild canine", "", ("b",)),
            Synset("d", "dog", "", ("a", "b")),
            Synset("e", "cat", "", ("a",)),
            Synset("f", "wolf", "", ("c",)),
        )
    )
    assert not diamond.is_tree
    assert diamond.lowest_common_ancestor("dog", "cat").name == "pet"
    assert diamond.lowest_common_ancestor("dog", "wolf").name == "canine"
    assert diamond.distance("cat", "wolf") == diamond.height("thing") == 3
    assert [s.wnid for _, s in diamond.walk()].count("d") == 1
    assert [s.name for s in diamond.hypernym_path("dog")] == ["thing", "pet", "dog"]


@settings(deadline=None, max_examples=60)
@given(trees(), st.data())
def test_distance_in_a_tree_is_an_ultrametric(tree, data):
    a, b, c = (data.draw(st.sampled_from(tree.synsets)).wnid for _ in range(3))
    assert tree.distance(a, b) == tree.distance(b, a)
    assert (tree.distance(a, b) == 0) == (a == b)
    assert tree.distance(a, c) <= max(tree.distance(a, b), tree.distance(b, c))
    assert tree.lowest_common_ancestor(a, b) == tree.lowest_common_ancestor(b, a)
    path_a, path_b = tree.hypernym_path(a), tree.hypernym_path(b)
    shared = [x for x, y in zip(path_a, path_b, strict=False) if x == y]
    assert tree.lowest_common_ancestor(a, b) == shared[-1]


@settings(deadline=None, max_examples=60)
@given(graphs())
def test_a_graph_is_consistent_with_itself(graph):
    for synset in graph:
        for parent in graph.parents(synset.wnid):
            assert synset in graph.children(parent.wnid)
            assert graph.height(parent.wnid) > graph.height(synset.wnid)
        below = {s.wnid for s in graph.descendants(synset.wnid)}
        above = {s.wnid for s in graph if synset.wnid in graph.ancestors(s.wnid)}
        assert below == above - {synset.wnid}
    assert {s.wnid for _, s in graph.walk()} == {s.wnid for s in graph}
    matrix = graph.distance_matrix([s.wnid for s in graph])
    one_by_one = [[graph.distance(a.wnid, b.wnid) for b in graph] for a in graph]
    assert np.array_equal(matrix, one_by_one)


@settings(deadline=None, max_examples=60)
@given(graphs(), st.data())
def test_parts_keep_what_belongs_to_them(graph, data):
    leaves = data.draw(st.lists(st.sampled_from(graph.leaves), min_size=1))
    part = graph.select(leaf.wnid for leaf in leaves)
    assert set(part.leaves) == set(leaves)
    assert part.root == graph.root
    for leaf in leaves:
        assert part.ancestors(leaf.wnid) == graph.ancestors(leaf.wnid)
    start = data.draw(st.sampled_from(graph.synsets))
    subtree = graph.subtree(start.wnid)
    assert subtree.root.wnid == start.wnid
    assert {s.wnid for s in subtree} == {s.wnid for _, s in graph.walk(start.wnid)}


@settings(deadline=None, max_examples=40)
@given(trees())
def test_an_outline_reads_back(tree):
    again = parse_outline(format_outline(tree))
    assert set(again.synsets) == set(tree.synsets)


@settings(deadline=None, max_examples=20)
@given(graphs())
def test_json_reads_back(tmp_path_factory, graph):
    path = tmp_path_factory.mktemp("taxonomy") / "graph.json"
    write_taxonomy(graph, path)
    assert read_taxonomy(path) == graph
    assert [file.name for file in path.parent.iterdir()] == ["graph.json"]


def test_outline_file(zoo, tmp_path):
    write_taxonomy(zoo, tmp_path / "zoo.txt")
    assert read_taxonomy(tmp_path / "zoo.txt") == zoo


def test_imagenet_files(tmp_path):
    (tmp_path / "is_a.txt").write_text("n1 n2\nn1 n3\nn2 n4\nn3 n4\n")
    (tmp_path / "words.txt").write_text("n1\tentity\nn2\tdog, hound\nn4\tpet dog\nn9\tunused\n")
    (tmp_path / "gloss.txt").write_text('n2\ta barking animal; "man\'s best friend"\n')
    read = read_wordnet(*(tmp_path / name for name in ("is_a.txt", "words.txt", "gloss.txt")))
    assert len(read) == 4
    assert read["dog"] == Synset("n2", "dog", 'a barking animal; "man\'s best friend"', ("n1",))
    assert read["n3"].name == "n3"
    assert read["pet dog"].parents == ("n2", "n3")
    (tmp_path / "is_a.txt").write_text("n1 n2\nn1\n")
    with pytest.raises(ValueError, match=r"is_a\.txt, line 2: 'n1' is not 'parent child'"):
        read_wordnet(tmp_path / "is_a.txt")


def test_a_deep_chain_needs_no_recursion():
    chain = [Synset("w0", "0")] + [
        Synset(f"w{i}", str(i), "", (f"w{i - 1}",)) for i in range(1, 3000)
    ]
    deep = Taxonomy(tuple(chain))
    assert deep.height("w0") == 2999
    assert deep.depth("w2999") == sum(1 for _ in deep.walk()) - 1


@pytest.mark.parametrize(
    ("synsets", "message"),
    [
        ([("a", ()), ("a", ())], "'a' is defined twice"),
        ([("a", ()), ("b", ("x",))], "'b' names the parent 'x'"),
        ([("a", ()), ("b", ("c",)), ("c", ("b",))], "hypernyms of synset 'b' go in a circle"),
        ([("a", ("a",))], "go in a circle"),
        ([("a", ()), ("b", ())], r"one root, not 2 \(a, b\)"),
        ([], "one root, not 0"),
    ],
)
def test_refused(synsets, message):
    with pytest.raises(ValueError, match=message):
        Taxonomy(tuple(Synset(wnid, wnid, "", parents) for wnid, parents in synsets))


def test_unknown_and_ambiguous_names(zoo):
    with pytest.raises(ValueError, match="unknown synset 'huskey'; did you mean 'husky'"):
        zoo.height("huskey")
    twins = parse_outline("a crane\n  b bird\n    c bird\n")
    with pytest.raises(ValueError, match="'bird' names 2 synsets: b, c"):
        twins["bird"]
    assert "husky" in zoo
    assert "n4" in zoo
    assert "bird" not in twins


def test_a_large_taxonomy_does_not_list_every_name():
    wide = [Synset("w", "root")] + [Synset(f"w{i}", f"name {i}", "", ("w",)) for i in range(500)]
    with pytest.raises(ValueError, match="did you mean") as error:
        Taxonomy(tuple(wide))["nane 123"]
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a root\n   b child", "line 2: indent by two spaces"),
        ("a root\n\tb child", "line 2: indent by two spaces"),
        ("a root\n    b child", "line 2: indent by two spaces"),
        ("a root\n  b", "line 2: 'b' is not 'wnid name: gloss'"),
    ],
)
def test_bad_outlines(text, message):
    with pytest.raises(ValueError, match=message):
        parse_outline(text)


def test_bad_files(tmp_path):
    (tmp_path / "no.json").write_text('["synsets"]')
    with pytest.raises(ValueError, match=r"no\.json is not a taxonomy"):
        read_taxonomy(tmp_path / "no.json")
    with pytest.raises(ValueError, match="write a taxonomy with several parents as JSON"):
        write_taxonomy(
            Taxonomy(
                (
                    Synset("a", "a"),
                    Synset("b", "b", "", ("a",)),
                    Synset("c", "c", "", ("a",)),
                    Synset("d", "d", "", ("b", "c")),
                )
            ),
            tmp_path / "graph.txt",
        )
    with pytest.raises(ValueError, match="does not fit on a line"):
        format_outline(Taxonomy((Synset("a", "what: ever"),)))
