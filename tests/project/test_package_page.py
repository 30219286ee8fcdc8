"""The examples of book/package.md run as printed, from top to bottom."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "book" / "package.md"


def test_examples_run(capsys):
    examples = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert len(examples) >= 7
    names: dict = {}
    for example in examples:
        exec(compile(example, str(PAGE), "exec"), names)
    printed = capsys.readouterr().out
    assert "8 images streamed" in printed
    assert "(8, 64, 64, 3)" in printed
