"""Several files are written all or nothing, whoever ends the work, and never over what a person changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.errors import RefusedError
from sdd.runs.transaction import ABSENT, finish, forget, prepare, prepared, rows, standing
from sdd.snapshot import blob_id

OLD, NEW = b"old\n", b"new\n"
FILES = {b"src/a.py": NEW, b"b.py": b"b\n"}


@pytest.fixture
def places(tmp_path: Path) -> tuple[str, str]:
    """A tree that holds `src/a.py`, and a folder to keep what is to be written."""
    (tmp_path / "tree" / "src").mkdir(parents=True)
    (tmp_path / "tree" / "src" / "a.py").write_bytes(OLD)
    return str(tmp_path / "tree"), str(tmp_path / "kept")


def begin(places: tuple[str, str], algorithm: str = "sha1") -> None:
    prepare(*places, "outputs", FILES, standing(places[0], FILES, algorithm), algorithm)


def held(root: str) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in Path(root).rglob("*.py")}


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_what_was_prepared_is_written_and_told(places: tuple[str, str], algorithm: str) -> None:
    root, kept = places
    assert not prepared(kept, "outputs")
    begin(places, algorithm)
    assert prepared(kept, "outputs")
    assert held(root) == {"src/a.py": OLD}
    finish(root, kept, "outputs")
    assert held(root) == {"src/a.py": NEW, "b.py": b"b\n"}
    assert rows(kept, "outputs") == (
        ("b.py", ABSENT, blob_id(b"b\n", algorithm)),
        ("src/a.py", blob_id(OLD, algorithm), blob_id(NEW, algorithm)),
    )
    forget(kept, "outputs")
    assert not prepared(kept, "outputs")
    assert list(Path(kept).iterdir()) == []


@given(written=st.sets(st.sampled_from(sorted(FILES))), gone=st.booleans())
def test_whatever_was_written_before_a_kill_the_end_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, written: set[bytes], gone: bool
) -> None:
    folder = tmp_path_factory.mktemp("law")
    root, kept = str(folder / "tree"), str(folder / "kept")
    (folder / "tree" / "src").mkdir(parents=True)
    (folder / "tree" / "src" / "a.py").write_bytes(OLD)
    begin((root, kept))
    if gone:
        shutil.rmtree(folder / "tree" / "src")
    for path in written:
        target = folder / "tree" / path.decode()
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(FILES[path])
    for _ in range(2):
        finish(root, kept, "outputs")
        assert held(root) == {path.decode(): data for path, data in FILES.items()}


@pytest.mark.parametrize("path", ["b.py", "src/a.py"])
def test_a_file_that_a_person_changed_stops_all_of_them(places: tuple[str, str], path: str) -> None:
    root, kept = places
    begin(places)
    Path(root, path).write_bytes(b"mine\n")
    before = held(root)
    with pytest.raises(RefusedError, match=f"{path} was changed while sdd was writing") as told:
        finish(root, kept, "outputs")
    assert held(root) == before
    assert f"git diff -- {path}" in told.value.hint
    assert "`sdd next --drop`" in told.value.hint


def test_a_change_after_the_first_look_is_seen(places: tuple[str, str]) -> None:
    root, kept = places
    before = standing(root, FILES)
    Path(root, "src/a.py").write_bytes(b"mine\n")
    prepare(root, kept, "outputs", FILES, before)
    with pytest.raises(RefusedError):
        finish(root, kept, "outputs")
    assert held(root) == {"src/a.py": b"mine\n"}


@pytest.mark.parametrize("path", [b"../out.py", b".git/config", b"/etc/passwd"])
def test_a_path_that_may_not_be_written_is_refused(places: tuple[str, str], path: bytes) -> None:
    root, kept = places
    assert standing(root, [path, b"b.py"]) == {b"b.py": ABSENT}
    with pytest.raises(RefusedError, match="may not be written"):
        prepare(root, kept, "outputs", {path: NEW}, {})
    assert not prepared(kept, "outputs")
