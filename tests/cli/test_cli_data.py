"""``imagenet-course data``: what it prints, and how it exits."""

import json
import subprocess
import sys
from typing import NamedTuple

import pytest
from PIL import Image

from imagenet_course.cli import main


class Finished(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run `imagenet-course data …` with an empty data root."""
    monkeypatch.setenv("IMAGENET_COURSE_DATA", str(tmp_path / "root"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["imagenet-course", "data", *arguments])
        with pytest.raises(SystemExit) as done:
            main()
        return Finished(done.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def pictures(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "root" / "my set" / name).mkdir(parents=True)
        Image.effect_noise((9, 9), 50).convert("CMYK").save(
            tmp_path / "root" / "my set" / name / "print.jpg"
        )
    return tmp_path / "root" / "my set"


def test_list_names_every_set_and_where_it_is(run, tmp_path):
    from imagenet_course.data import names

    done = run("list")
    assert done.returncode == 0
    for name in names():
        assert f" {name} " in done.stdout
    assert "get pets" in done.stdout
    assert str(tmp_path / "root") in done.stdout
    (tmp_path / "root" / "oxford-iiit-pet").mkdir(parents=True)
    assert "get pets" not in run("list").stdout
    rows = {row["name"]: row for row in json.loads(run("list", "--json").stdout)["sets"]}
    assert set(rows) == set(names())
    assert rows["pets"]["folder"].endswith("oxford-iiit-pet")
    assert rows["digits"]["splits"]["train"] == 1259


def test_info_prints_the_card(run):
    done = run("info", "faces")
    assert done.returncode == 0
    assert "Labeled Faces in the Wild" in done.stdout
    assert json.loads(run("info", "faces", "--json").stdout)["classes"] == ["face", "not face"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["info", "mnist"], "unknown data set 'mnist'"),
        (["get", "digits"], "'digits' is embedded, there is nothing to download"),
        (["get", "imagenette", "--size", "128"], "unknown published size"),
        (["get", "pets", "--size", "128"], "'pets' takes no option 'size'"),
        (["verify", "nowhere"], "there is no folder 'nowhere'"),
        (["verify", "pets"], "imagenet-course data get pets"),
    ],
)
def test_wrong_input_ends_in_one_sentence(run, arguments, sentence):
    done = run(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_verify_exits_with_1_for_damage_only(run, pictures):
    done = run("verify", str(pictures))
    assert done.returncode == 0, done.stderr
    assert "CMYK: 2 to note" in done.stdout
    assert f"{pictures / 'cat' / 'print.jpg'}: print colors" in done.stdout
    assert "2 files" in done.stdout
    (pictures / "dog" / "nothing.png").touch()
    done = run("verify", "my set")  # a folder of the data root goes by its name
    assert done.returncode == 1
    assert "nothing.png: is empty (0 bytes)" in done.stdout
    assert "1 damaged, 2 to note" in done.stdout


def test_verify_speaks_json(run, pictures):
    (pictures / "dog" / "nothing.png").touch()
    done = run("verify", str(pictures), "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["files"] == 3
    assert report["counts"] == {"empty": 1, "CMYK": 2}
    assert [f["path"] for f in report["findings"] if f["damage"]] == [
        str(pictures / "dog" / "nothing.png")
    ]


def test_verify_reads_embedded_sets(run):
    done = run("verify", "photos")
    assert done.returncode == 0
    assert "14 images in memory" in done.stdout


def test_the_command_line_starts_without_a_framework():
    code = (
        "import sys, imagenet_course.cli\n"
        "assert not {'torch', 'tensorflow', 'numpy', 'PIL'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
