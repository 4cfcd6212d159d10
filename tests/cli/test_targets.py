"""Files about to be written: refused before anything is done, replaced only by what is whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rtgen.cli.targets import check_room, check_target, replacing
from rtgen.errors import DeviceError, RenderError


def test_a_file_is_replaced_at_the_end_and_not_before(tmp_path: Path) -> None:
    target = tmp_path / "x.wav"
    target.write_text("old")
    with replacing(target) as part:
        part.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "x.wav"
    target.write_text("old")

    def interrupted() -> None:
        with replacing(target) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    far, link = tmp_path / "far" / "x.wav", tmp_path / "x.wav"
    far.write_text("old")
    link.symlink_to(far)
    with replacing(link) as part:
        part.write_text("new")
    assert link.is_symlink()
    assert far.read_text() == "new"


def test_no_name_of_a_user_is_taken_meanwhile(tmp_path: Path) -> None:
    target = tmp_path / "x.wav"
    with replacing(target) as first, replacing(target) as second:
        assert first != second
        assert first.name.startswith(".")
        first.touch()
        second.touch()


def test_a_folder_that_takes_no_file_is_refused() -> None:
    with pytest.raises(RenderError, match=r"^no file can be made in /proc: ") as refused:
        check_target(Path("/proc/x.wav"), False, (".wav",))
    assert refused.value.hint == "choose a folder that you may write to"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any file")
def test_a_protected_file_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "x.wav"
    target.touch(0o444)
    with pytest.raises(RenderError, match="is write-protected"):
        check_target(target, True, (".wav",))


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    check_room(tmp_path, 1000)
    with pytest.raises(DeviceError, match=r"^that takes 1000000000000\.0 GB, and .* has room for"):
        check_room(tmp_path, 10**21)
