"""The file of a whole run reads as what was written there, whatever the response in it says."""

from __future__ import annotations

from projects import run
from sdd.runs.record import whole
from sdd.sessions.whole_run import Input, inputs, outputs

SOURCES = [("docs/a.md#B", "docs/a.md", "b1", "s1"), ("docs/c.md", "docs/c.md", "b2", "s2")]
WROTE = {b"src/a.py": ("", "n1"), b"src/b.py": ("o2", "n2"), b"src/gone.py": ("o3", "")}


def test_a_whole_run_reads_as_it_was_written() -> None:
    data = whole("01-a", run(), sources=SOURCES, wrote=WROTE, response="## Inputs\n\n- `x` blob y text z\n")
    assert inputs(data) == [
        Input("docs/a.md#B", b"docs/a.md", "b1", "s1"),
        Input("docs/c.md", b"docs/c.md", "b2", "s2"),
    ]
    assert outputs(data) == {"src/a.py": "n1", "src/b.py": "n2", "src/gone.py": ""}


def test_what_has_another_form_is_left_out() -> None:
    assert inputs(b"# A run\n\n## Inputs\n\n- `a` blob b\nwords\n- a\n") == []
    assert outputs(b"# A run\n") == {}
