"""How bad the mistakes are, by the distance in a taxonomy."""

from collections.abc import Sequence

from numpy.typing import ArrayLike

from imagenet_course.data.taxonomy import Taxonomy
from imagenet_course.evaluation.checks import check_classes, check_predictions


def hierarchical_error(
    logits: ArrayLike,
    labels: ArrayLike,
    taxonomy: Taxonomy,
    classes: Sequence[str],
    *,
    mistakes_only: bool = False,
) -> float:
    """The mean height of the lowest common ancestor of true and predicted class; 0 is best.

    ``classes`` names the synset, by wnid or name, of each of the K classes. Over all images it is
    the hierarchical error of ILSVRC 2010 with one guess for each, where the challenge took the best
    of five; with ``mistakes_only``, the severity of the mistakes. Definitions and sources:
    `Taxonomy.hierarchical_error`. Raises ValueError for a class that the taxonomy does not have.
    """
    logits, labels = check_predictions(logits, labels)
    names = check_classes(classes, logits.shape[1])
    wnids = [taxonomy[name].wnid for name in names]
    return taxonomy.hierarchical_error(
        [wnids[k] for k in labels],
        [wnids[k] for k in logits.argmax(axis=1)],
        mistakes_only=mistakes_only,
    )
