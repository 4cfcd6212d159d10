"""A bundle gets its folder whole, or what was there stays; what is in the way is said first."""

from pathlib import Path

import pytest

from rtgen.bundle.load import load_bundle
from rtgen.bundle.origin import FILE, Origin, digest, read_origin, write_origin
from rtgen.errors import BundleError
from rtgen.export.place import check_place, making
from tests.fakes.tiny_bundle import write_tiny


@pytest.fixture
def pulled(tmp_path: Path) -> Path:
    """A bundle that came from elsewhere."""
    folder = write_tiny(tmp_path / "models" / "mine", "pulled")
    write_origin(
        folder, Origin(place="./there", manifest_sha256=digest(folder), pulled="2026-01-01")
    )
    return folder


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_new_bundle_appears_with_its_parents(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b" / "mine"
    check_place(out, overwrite=False)
    with making(out, overwrite=False) as made:
        assert made.name == "mine"
        assert not out.exists()
        write_tiny(made, made.name)
    assert load_bundle(out).manifest.name == "mine"
    assert list(out.parent.iterdir()) == [out]


def test_a_bundle_takes_the_place_of_another_with_its_origin(pulled: Path) -> None:
    before = held(pulled)
    check_place(pulled, overwrite=True)
    with making(pulled, overwrite=True) as made:
        write_tiny(made, "newer")
        assert held(pulled) == before
    assert load_bundle(pulled).manifest.name == "newer"
    assert FILE in before
    assert read_origin(pulled) is None
    assert list(pulled.parent.iterdir()) == [pulled]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError])
def test_work_that_breaks_off_leaves_the_old_bundle_whole(
    pulled: Path, error: type[BaseException]
) -> None:
    before = held(pulled)

    def work() -> None:
        with making(pulled, overwrite=True) as made:
            (made / "generator.onnx").write_bytes(b"half of it")
            raise error

    with pytest.raises(error):
        work()
    assert held(pulled) == before
    assert list(pulled.parent.iterdir()) == [pulled]


def test_a_bundle_that_is_not_whole_does_not_replace_one_that_is(pulled: Path) -> None:
    before = held(pulled)

    def work() -> None:
        with making(pulled, overwrite=True) as made:
            write_tiny(made)
            (made / "decoder.onnx").write_bytes(b"cut off")

    with pytest.raises(BundleError, match="does not match its checksum"):
        work()
    assert held(pulled) == before


def test_a_bundle_that_came_in_the_meantime_stays(tmp_path: Path) -> None:
    out = tmp_path / "mine"

    def work() -> None:
        with making(out, overwrite=False) as made:
            write_tiny(made)
            write_tiny(out, "other")

    with pytest.raises(OSError, match="not empty"):
        work()
    assert load_bundle(out).manifest.name == "other"
    assert list(tmp_path.iterdir()) == [out]


def test_a_place_is_checked_before_any_work(tmp_path: Path, pulled: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "file").write_text("precious")
    (tmp_path / "link").symlink_to(pulled)
    for out, overwrite, says in (
        (pulled, False, "holds a bundle already"),
        (tmp_path / "notes", True, "is no bundle"),
        (tmp_path / "file", True, "is no bundle"),
        (tmp_path / "link", True, "is no bundle"),
        (tmp_path / "file" / "mine", False, "nothing can be written in"),
        (Path("/proc/mine"), False, "nothing can be written in /proc"),
        (tmp_path / "My Model", False, "'My Model' cannot name a bundle"),
        (Path(), False, "'' cannot name a bundle"),
    ):
        with pytest.raises(BundleError, match=says) as caught:
            check_place(out, overwrite)
        assert caught.value.hint
