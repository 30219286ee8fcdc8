"""One setting names the repository; everything that repeats it has been stamped."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("stamp_address", ROOT / "tools" / "stamp_address.py")
stamp_address = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stamp_address)


def test_every_stamped_file_repeats_the_configured_address():
    owner = stamp_address.configured_address().removeprefix("https://github.com/").split("/")[0]
    assert stamp_address.stamped_address() == stamp_address.configured_address()
    for path in stamp_address.stamped_files():
        text = path.read_text(encoding="utf-8")
        assert stamp_address.stamp(text, "https://github.com/x/y", "https://github.com/p/q") == text
        if "github.com/" in text and path.suffix == ".ipynb":
            assert f"github.com/{owner}/" in text


def test_stamp_changes_repository_badges_and_site():
    text = (
        "git clone https://github.com/old/book.git; https://old.github.io/book/index.html; "
        "https://mybinder.org/v2/gh/old/book/main; https://github.com/old/bookshelf"
    )
    assert stamp_address.stamp(
        text, "https://github.com/old/book", "https://github.com/new/b2"
    ) == (
        "git clone https://github.com/new/b2.git; https://new.github.io/b2/index.html; "
        "https://mybinder.org/v2/gh/new/b2/main; https://github.com/old/bookshelf"
    )


def test_an_address_of_another_form_is_refused(tmp_path, monkeypatch):
    (tmp_path / "_config.yml").write_text("repository:\n  url: https://example.org/x\n")
    monkeypatch.setattr(stamp_address, "ROOT", tmp_path)
    with pytest.raises(ValueError, match=r"repository\.url in _config\.yml is 'https://example"):
        stamp_address.configured_address()
