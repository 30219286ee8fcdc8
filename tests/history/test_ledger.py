"""The ledger of claims: complete, sound, and borne out by its checks."""

import dataclasses
import json
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from imagenet_course import history
from imagenet_course.cli import main
from imagenet_course.history import checks_facts, checks_gradients, checks_mathematics
from imagenet_course.history.ledger import read

ROOT = Path(__file__).parents[2]
CLAIMS = history.claims()
GOOD = """
- id: A1
  claim: Water is dry.
  verdict: "false"
  correction: It is wet.
  sources: [deng2009imagenet]
"""


def test_ledger_has_every_claim():
    wanted = [
        f"{part}{n}" for part, last in (("A", 22), ("B", 12), ("C", 15)) for n in range(1, last + 1)
    ]
    assert [claim.id for claim in CLAIMS] == wanted


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_claim_is_borne_out(claim):
    assert claim.sources
    finding = claim.run()
    if finding is None:
        return
    assert isinstance(finding.holds, bool)
    assert finding.found
    assert claim.agrees(finding), finding.found


def padded(x, kernel):
    return CORRELATE(np.pad(x, 1), kernel)


CORRELATE, POOL = checks_mathematics._correlate, checks_mathematics._pool
EARLIER = [
    dataclasses.replace(m, date="2008") if m.source == "ilsvrc2010challenge" else m
    for m in history.MILESTONES
]
MISCOUNTED = [dataclasses.replace(size, classes=21_818) for size in history.DATASET_SIZES]
SPLITS = {"train": 152_338, "val": 50_000, "test": 100_000}


@pytest.mark.parametrize(
    ("id", "module", "name", "world"),
    [
        ("A3", checks_facts, "MILESTONES", EARLIER),
        ("A5", checks_facts, "DATASET_SIZES", MISCOUNTED),
        ("A17", checks_gradients, "_batch_norm", checks_gradients._none),
        ("A21", checks_facts, "ILSVRC2012_SPLITS", SPLITS),
        ("B3", checks_mathematics, "_correlate", padded),
        ("B4", checks_mathematics, "_pool", lambda x: x[-1].reshape(2, 2)),
        ("B8", checks_mathematics, "_pool", lambda x, reduce: POOL(x)),
    ],
)
def test_check_notices_a_world_in_which_the_claim_holds(monkeypatch, id, module, name, world):
    monkeypatch.setattr(module, name, world)
    assert history.claim(id).run().holds


def test_gradient_through_batch_norm_is_that_of_differences():
    rng = np.random.default_rng(0)
    z, upstream = rng.normal(2, 3, size=(2, 6, 4))
    _, backward = checks_gradients._batch_norm(z)
    numeric = checks_mathematics._slope(
        lambda z: (checks_gradients._batch_norm(z)[0] * upstream).sum(), z
    )
    np.testing.assert_allclose(backward(upstream), numeric, atol=1e-8)


def test_check_notices_a_function_that_is_there(monkeypatch):
    from torchvision import transforms

    monkeypatch.setattr(transforms, "transform", lambda image: image, raising=False)
    assert history.claim("C4").run().holds


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_what_can_be_computed_is(claim):
    """Mathematics and code are checked by code, but for two claims on other fields' tools."""
    if claim.id[0] in "BC" and claim.id not in {"C1", "C14"}:
        assert claim.check or claim.chapter


def test_checks_are_named_once():
    names = [claim.check for claim in CLAIMS if claim.check]
    assert len(names) == len(set(names))


def test_chinese_is_chinese():
    given = [claim.claim_zh for claim in CLAIMS if claim.claim_zh]
    assert len(given) > 20
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in given)


def test_every_verdict_is_used():
    assert {claim.verdict for claim in CLAIMS} == set(history.VERDICTS)


def test_ledger_ships_with_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "**/*.yml" in project["tool"]["setuptools"]["package-data"]["imagenet_course"]
    assert any(d.startswith("pyyaml") for d in project["project"]["dependencies"])


def ledger(tmp_path, text):
    path = tmp_path / "claims.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_good_entry_is_read(tmp_path):
    (claim,) = read(ledger(tmp_path, GOOD))
    assert (claim.id, claim.verdict, claim.check) == ("A1", "false", None)
    assert claim.run() is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (GOOD, GOOD + GOOD, "A1 occurs twice"),
        ("  sources: [deng2009imagenet]\n", "", "has no 'sources'"),
        ("[deng2009imagenet]", "[]", "has no 'sources'"),
        ("[deng2009imagenet]", "[deng2009imagnet]", "did you mean 'deng2009imagenet'"),
        ("[deng2009imagenet]", "deng2009imagenet", "must be a list"),
        ('"false"', "falsch", "did you mean 'false'"),
        ('"false"', "false", "has no 'verdict'"),  # YAML's boolean
        ('"false"', "true", "must be text"),
        ("id: A1", "id: D1", "must have an id like A1"),
        ("correction:", "corection:", "did you mean 'correction'"),
        ("Water is dry.", "", "has no 'claim'"),
        ("  verdict", "  check: os.getcwd\n  verdict", "must name a function"),
        (GOOD, "claims: 3", "must be a list of claims"),
        (GOOD, "- 3", "must map fields to values"),
        (GOOD, "- [", "not valid YAML"),
    ],
)
def test_bad_ledger_is_refused(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(ValueError, match=message):
        read(ledger(tmp_path, GOOD.replace(old, new)))


def test_unknown_claim_suggests():
    with pytest.raises(ValueError, match="unknown claim 'B13'; did you mean 'B"):
        history.claim("B13")
    assert history.claim("b3").id == "B3"


@pytest.fixture
def run(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["imagenet-course", "claims", *arguments])
        with pytest.raises(SystemExit) as done:
            main()
        return done.value.code, *capsys.readouterr()

    return run


def test_command_lists_all(run):
    code, out, _ = run()
    assert code == 0
    assert all(f" {claim.id} " in out for claim in CLAIMS)


def test_command_shows_one_with_its_sources(run):
    code, out, _ = run("--id", "b4", "--check")
    assert code == 0
    assert "[[6, 8], [14, 16]]" in out
    assert "agrees" in out
    assert history.source("dumoulin2016guide").url in out


def test_command_prints_json(run):
    code, out, _ = run("--json", "--check", "--id", "A4")
    (row,) = json.loads(out)
    assert code == 0
    assert row["agrees"] is True
    assert "14,197,122" in row["found"]


def test_command_exits_1_where_a_check_disagrees(run, monkeypatch):
    turned = dataclasses.replace(history.claim("B1"), verdict="true")
    monkeypatch.setattr(history, "claim", lambda id: turned)
    code, out, err = run("--id", "B1", "--check")
    assert code == 1
    assert "disagrees" in out
    assert "B1" in err


def test_command_refuses_an_unknown_id(run):
    code, _, err = run("--id", "Z1")
    assert code == 2
    assert err.startswith("error: unknown claim 'Z1'")
