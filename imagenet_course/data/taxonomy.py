"""Taxonomies of synsets, such as WordNet's: who is a kind of what, and how bad a mistake is.

A synset ("set of synonyms") is one meaning, named by its WordNet id (wnid). Synsets point to their
hypernyms, the more general synsets above them. Most have one; WordNet gives some of them several,
so a taxonomy is a directed acyclic graph with a single root, and usually a tree.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from imagenet_course.errors import unknown_name


@dataclass(frozen=True, slots=True)
class Synset:
    """One meaning: its id, name, gloss (definition), and the wnids of its hypernyms."""

    wnid: str
    name: str
    gloss: str = ""
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """Synsets under a single root; each method takes a wnid or, where it is unambiguous, a name.

    Raises:
        ValueError: if the synsets repeat a wnid, name an unknown parent, go in a circle, or do not
            have exactly one root.
    """

    synsets: tuple[Synset, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "synsets", tuple(self.synsets))
        if len(self._by_wnid) < len(self.synsets):
            seen: set[str] = set()
            twice = next(s.wnid for s in self.synsets if s.wnid in seen or seen.add(s.wnid))
            raise ValueError(f"synset {twice!r} is defined twice; wnids must be unique.")
        for synset in self.synsets:
            for parent in synset.parents:
                if parent not in self._by_wnid:
                    raise ValueError(
                        f"synset {synset.wnid!r} names the parent {parent!r}, which is not defined."
                    )
        roots = [synset.wnid for synset in self.synsets if not synset.parents]
        if len(self._top_down) < len(self.synsets):
            stuck = next(s.wnid for s in self.synsets if s.wnid not in set(self._top_down))
            raise ValueError(f"the hypernyms of synset {stuck!r} go in a circle; break the circle.")
        if len(roots) != 1:
            shown = ", ".join(roots[:5]) + (", …" if len(roots) > 5 else "")
            raise ValueError(
                f"a taxonomy has one root, not {len(roots)} ({shown}); add a synset above them."
            )

    # --- looking up -------------------------------------------------------------------------

    @cached_property
    def _by_wnid(self) -> dict[str, Synset]:
        return {synset.wnid: synset for synset in self.synsets}

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {}
        for synset in self.synsets:
            names.setdefault(synset.name, []).append(synset.wnid)
        return names

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        children: dict[str, list[str]] = {synset.wnid: [] for synset in self.synsets}
        for synset in self.synsets:
            for parent in synset.parents:
                children[parent].append(synset.wnid)
        return {wnid: tuple(below) for wnid, below in children.items()}

    @cached_property
    def _top_down(self) -> tuple[str, ...]:
        """Every wnid after all of its parents (Kahn, 1962); those on a circle are missing."""
        waiting = {synset.wnid: len(synset.parents) for synset in self.synsets}
        order = [wnid for wnid, parents in waiting.items() if not parents]
        for wnid in order:  # grows while it is read
            for child in self._children[wnid]:
                waiting[child] -= 1
                if not waiting[child]:
                    order.append(child)
        return tuple(order)

    @cached_property
    def _heights(self) -> dict[str, int]:
        heights: dict[str, int] = {}
        for wnid in reversed(self._top_down):
            heights[wnid] = max((heights[child] + 1 for child in self._children[wnid]), default=0)
        return heights

    def __len__(self) -> int:
        return len(self.synsets)

    def __iter__(self) -> Iterator[Synset]:
        return iter(self.synsets)

    def __contains__(self, key: object) -> bool:
        return key in self._by_wnid or len(self._by_name.get(key, ())) == 1

    def __getitem__(self, key: str) -> Synset:
        """The synset of a wnid or of an unambiguous name; ValueError with a suggestion if none."""
        if key in self._by_wnid:
            return self._by_wnid[key]
        named = self._by_name.get(key, [])
        if len(named) > 1:
            raise ValueError(f"{key!r} names {len(named)} synsets: {', '.join(named)}; say which.")
        if not named:
            if len(self) <= 300:
                raise unknown_name("synset", key, {*self._by_wnid, *self._by_name})
            raise unknown_name("synset", key, self._near(str(key)))
        return self._by_wnid[named[0]]

    def _near(self, key: str) -> list[str]:
        """A few names worth listing, where listing all would fill the screen."""
        from difflib import get_close_matches

        return get_close_matches(key, [*self._by_name, *self._by_wnid], n=5, cutoff=0.5) or [
            self.root.name
        ]

    # --- walking ----------------------------------------------------------------------------

    @property
    def root(self) -> Synset:
        """The synset above all others."""
        return self._by_wnid[self._top_down[0]]

    @cached_property
    def leaves(self) -> tuple[Synset, ...]:
        """The synsets without hyponyms, in the order of the file."""
        return tuple(synset for synset in self.synsets if not self._children[synset.wnid])

    @cached_property
    def is_tree(self) -> bool:
        """Whether no synset has more than one parent."""
        return all(len(synset.parents) <= 1 for synset in self.synsets)

    def parents(self, key: str) -> tuple[Synset, ...]:
        """The direct hypernyms."""
        return tuple(self._by_wnid[wnid] for wnid in self[key].parents)

    def children(self, key: str) -> tuple[Synset, ...]:
        """The direct hyponyms."""
        return tuple(self._by_wnid[wnid] for wnid in self._children[self[key].wnid])

    def walk(self, key: str | None = None) -> Iterator[tuple[int, Synset]]:
        """Pairs (depth below ``key``, synset), parents before children; ``key`` itself is first.

        A synset with several parents appears once, under the first of them that is met.
        """
        start = self.root if key is None else self[key]
        stack, seen = [(0, start)], set()
        while stack:
            depth, synset = stack.pop()
            if synset.wnid in seen:
                continue
            seen.add(synset.wnid)
            yield depth, synset
            stack += [(depth + 1, child) for child in reversed(self.children(synset.wnid))]

    def hypernym_path(self, key: str) -> tuple[Synset, ...]:
        """From the root down to the synset itself, by the first-named parent at each step."""
        path = [self[key]]
        while path[-1].parents:
            path.append(self._by_wnid[path[-1].parents[0]])
        return tuple(reversed(path))

    def ancestors(self, key: str) -> frozenset[str]:
        """The wnids of all hypernyms, direct and inherited, and of the synset itself."""
        found: set[str] = set()
        stack = [self[key].wnid]
        while stack:
            wnid = stack.pop()
            if wnid not in found:
                found.add(wnid)
                stack += self._by_wnid[wnid].parents
        return frozenset(found)

    def descendants(self, key: str) -> tuple[Synset, ...]:
        """All hyponyms, direct and inherited, without the synset itself."""
        return tuple(synset for _, synset in self.walk(key))[1:]

    def leaves_under(self, key: str) -> tuple[Synset, ...]:
        """The leaves below a synset; a leaf is its own only leaf."""
        return tuple(s for _, s in self.walk(key) if not self._children[s.wnid])

    def height(self, key: str) -> int:
        """The number of steps on the longest way down to a leaf; 0 for a leaf."""
        return self._heights[self[key].wnid]

    def depth(self, key: str) -> int:
        """The number of steps from the root, by the path of `hypernym_path`."""
        return len(self.hypernym_path(key)) - 1

    # --- how far apart ----------------------------------------------------------------------

    def lowest_common_ancestor(self, a: str, b: str) -> Synset:
        """The common ancestor of least height; a synset is an ancestor of itself.

        In a tree there is one. Where several parents allow a tie, the deeper one counts, then the
        smaller wnid.
        """
        common = self.ancestors(a) & self.ancestors(b)
        lowest = min(common, key=lambda wnid: (self._heights[wnid], -self.depth(wnid), wnid))
        return self._by_wnid[lowest]

    def distance(self, a: str, b: str) -> int:
        """The height of the lowest common ancestor; 0 if and only if ``a`` and ``b`` are the same.

        In a tree this is an ultrametric: d(a, c) ≤ max(d(a, b), d(b, c)). Source: the hierarchical
        cost of J. Deng, A. C. Berg, K. Li and L. Fei-Fei, "What does classifying more than 10,000
        image categories tell us?", ECCV 2010, which ILSVRC 2010 used to score entries. (They let
        the prediction of a hyponym of the truth go free, which leaves as labels never are.)
        """
        a, b = self[a].wnid, self[b].wnid
        return 0 if a == b else self._heights[self.lowest_common_ancestor(a, b).wnid]

    def distance_matrix(self, keys: Iterable[str] | None = None) -> np.ndarray:
        """`distance` between any two of ``keys`` (default: the leaves), int64 ``(K, K)``."""
        wnids = [self[key].wnid for key in (keys or (leaf.wnid for leaf in self.leaves))]
        above = [self.ancestors(wnid) for wnid in wnids]
        matrix = np.zeros((len(wnids), len(wnids)), dtype=np.int64)
        for i in range(len(wnids)):
            for j in range(i):
                if wnids[i] != wnids[j]:
                    matrix[i, j] = min(self._heights[wnid] for wnid in above[i] & above[j])
        return matrix + matrix.T

    def hierarchical_error(
        self, targets: Sequence[str], predictions: Sequence[str], *, mistakes_only: bool = False
    ) -> float:
        """The mean `distance` between true and predicted synsets, one wnid or name per image.

        Over all images it is the hierarchical error of ILSVRC 2010 (Deng et al., ECCV 2010) with
        one guess for each; the challenge took the best of five. With ``mistakes_only`` it is the
        severity of the mistakes alone (L. Bertinetto et al., "Making better mistakes", CVPR 2020),
        and 0.0 where there is none.
        """
        if len(targets) != len(predictions) or not len(targets):
            raise ValueError(
                f"{len(targets)} targets and {len(predictions)} predictions were given; "
                "hierarchical_error needs one prediction per target, and at least one."
            )
        pairs: dict[tuple[str, str], int] = {}
        for pair in zip(targets, predictions, strict=True):
            pairs[pair] = pairs.get(pair, 0) + 1
        counts = np.array(list(pairs.values()))
        costs = np.array([self.distance(*pair) for pair in pairs])
        images = counts[costs > 0].sum() if mistakes_only else counts.sum()
        return float((counts * costs).sum() / images) if images else 0.0

    # --- smaller taxonomies -----------------------------------------------------------------

    def subtree(self, key: str) -> "Taxonomy":
        """The taxonomy of a synset and all below it, with that synset as the root."""
        kept = {synset.wnid for _, synset in self.walk(key)}
        return self._restricted(kept, root=self[key].wnid)

    def select(self, keys: Iterable[str]) -> "Taxonomy":
        """The smallest part with ``keys`` and all their ancestors, as for a choice of classes."""
        kept = frozenset().union(*(self.ancestors(key) for key in keys))
        if not kept:
            raise ValueError("select needs at least one synset to keep.")
        return self._restricted(kept, root=self.root.wnid)

    def _restricted(self, kept: Iterable[str], root: str) -> "Taxonomy":
        def above(synset: Synset) -> tuple[str, ...]:
            return tuple(p for p in synset.parents if p in kept and synset.wnid != root)

        return Taxonomy(tuple(replace(s, parents=above(s)) for s in self if s.wnid in kept))
