"""Files whose author means harm, or that broke on the way: one sentence each, nothing written."""

from __future__ import annotations

import contextlib
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from rtgen.errors import CheckpointError
from rtgen.musika.hdf5 import read_layers
from rtgen.musika.weights import locate, read

NAME = "gen_ema.h5"
SECRET = "held in another file"


@pytest.fixture
def folder(folders: dict[str, Path], tmp_path: Path) -> Path:
    return shutil.copytree(folders["small"], tmp_path / "in" / "small")


def refused(folder: Path, *, here: bool = False) -> str:
    """What is said; nothing may have been written or removed around the checkpoint.

    `here` reads in this process what is known not to break HDF5: a child for each takes time.
    """
    before = sorted(folder.parent.parent.rglob("*"))
    with pytest.raises(CheckpointError) as caught:
        read_layers(folder / NAME) if here else read(locate(folder))
    assert sorted(folder.parent.parent.rglob("*")) == before
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 200
    return said


class Bomb:
    """Makes a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("left", [8, 100, 900, 3000, 20_000])
def test_a_file_cut_short_is_refused(folder: Path, left: int) -> None:
    whole = (folder / NAME).read_bytes()
    (folder / NAME).write_bytes(whole[:left])
    assert "damaged or cut short" in refused(folder)


def test_a_file_cut_at_its_last_bytes_is_refused(folder: Path) -> None:
    whole = (folder / NAME).read_bytes()
    (folder / NAME).write_bytes(whole[: len(whole) * 9 // 10])
    assert "damaged or cut short" in refused(folder)


def test_a_pickle_is_not_opened(folder: Path, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    (folder / NAME).write_bytes(pickle.dumps(Bomb(touched)))
    assert "a pickle, which is never opened" in refused(folder)
    assert not touched.exists()


def test_pickles_beside_the_weights_are_left_alone(folder: Path, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    for name in ("opt_dec.npy", "opt_disc.npy", "switch.npy"):
        np.save(folder / name, np.array([Bomb(touched)], object), allow_pickle=True)
    read(locate(folder))
    assert not touched.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not an HDF5 file"),
        (b"PK\x03\x04" + bytes(99), "a zip archive"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of git-lfs"),
        (b"<!doctype html>", "a web page"),
        (b"\x89HDF\r\n\x1a\n" + b"\xff" * 5000, "damaged"),
        (b"\x89HDF\r\n\x1a\n" + bytes(5000), "damaged"),
    ],
)
def test_a_foreign_file_is_named(folder: Path, content: bytes, says: str) -> None:
    (folder / NAME).write_bytes(content)
    assert says in refused(folder)


def test_a_file_as_large_as_a_disk_is_refused_unread(folder: Path) -> None:
    with (folder / NAME).open("r+b") as file:
        file.truncate(1 << 40)
    assert "larger than any Musika model" in refused(folder)


def replace_kernel(folder: Path) -> h5py.Group:
    """The group of one layer, open for writing and without its kernel."""
    group = h5py.File(folder / NAME, "r+")["9c/9c"]
    del group["kernel:0"]
    return group


def absurd_shape(group: h5py.Group, _tmp: Path) -> None:
    sides = (1, 4, 1 << 20, 1 << 20)
    group.create_dataset("kernel:0", shape=sides, dtype="f4", chunks=(1, 1, 64, 64))


def long_side(group: h5py.Group, _tmp: Path) -> None:
    group["kernel:0"] = np.zeros((1, 1, 1, 20_000), "f4")


def out_of_nothing(group: h5py.Group, _tmp: Path) -> None:
    group.create_dataset("kernel:0", shape=(1, 4, 8, 16000), dtype="f4", chunks=(1, 4, 8, 16))


def compressed(group: h5py.Group, _tmp: Path) -> None:
    group.create_dataset("kernel:0", data=np.zeros((1, 4, 8, 16000), "f4"), compression="gzip")


def soft_link(group: h5py.Group, _tmp: Path) -> None:
    group["kernel:0"] = h5py.SoftLink("/9c/9c/bias:0")


def external_link(group: h5py.Group, tmp: Path) -> None:
    with h5py.File(tmp / "secret.h5", "w") as file:
        file["kernel:0"] = np.zeros((1, 4, 8, 128), "f4")
    group["kernel:0"] = h5py.ExternalLink(str(tmp / "secret.h5"), "/kernel:0")


def external_data(group: h5py.Group, tmp: Path) -> None:
    (tmp / "secret.txt").write_text(SECRET * 10_000)
    places = [(str(tmp / "secret.txt"), 0, h5py.h5f.UNLIMITED)]
    group.create_dataset("kernel:0", shape=(1, 4, 8, 128), dtype="f4", external=places)


def climbing_data(group: h5py.Group, tmp: Path) -> None:
    (tmp / "secret.txt").write_text(SECRET * 10_000)
    places = [("../../../secret.txt", 0, h5py.h5f.UNLIMITED)]
    group.create_dataset("kernel:0", shape=(1, 4, 8, 128), dtype="f4", external=places)


def virtual_data(group: h5py.Group, tmp: Path) -> None:
    with h5py.File(tmp / "secret.h5", "w") as file:
        file["x"] = np.zeros((1, 4, 8, 128), "f4")
    layout = h5py.VirtualLayout((1, 4, 8, 128), "f4")
    layout[:] = h5py.VirtualSource(str(tmp / "secret.h5"), "x", (1, 4, 8, 128))
    group.create_virtual_dataset("kernel:0", layout)


def text(group: h5py.Group, _tmp: Path) -> None:
    group["kernel:0"] = np.full((1, 4, 8, 128), b"harm")


def integers(group: h5py.Group, _tmp: Path) -> None:
    group["kernel:0"] = np.zeros((1, 4, 8, 128), "i8")


def not_finite(group: h5py.Group, _tmp: Path) -> None:
    group["kernel:0"] = np.full((1, 4, 8, 128), np.nan, "f4")


def five_sides(group: h5py.Group, _tmp: Path) -> None:
    group["kernel:0"] = np.zeros((1, 1, 4, 8, 128), "f4")


def no_side(group: h5py.Group, _tmp: Path) -> None:
    group["kernel:0"] = np.float32(1)


def twice(group: h5py.Group, _tmp: Path) -> None:
    group["kernel:0"] = np.zeros((1, 4, 8, 128), "f4")
    group.parent["kernel:0"] = group["kernel:0"]


def test_what_the_child_says_of_a_layer_is_said_here(folder: Path, tmp_path: Path) -> None:
    group = replace_kernel(folder)
    external_link(group, tmp_path)
    group.file.close()
    assert refused(folder) == "gen_ema.h5 holds links, which Musika's weights do not"


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (absurd_shape, "more than any Musika model"),
        (long_side, "of shape"),
        (out_of_nothing, "less data than its shape"),
        (compressed, "less data than its shape"),
        (soft_link, "holds links"),
        (external_link, "holds links"),
        (external_data, "data of other files"),
        (climbing_data, "data of other files"),
        (virtual_data, "data of other files"),
        (text, "of type"),
        (integers, "of type"),
        (not_finite, "not finite"),
        (five_sides, "of shape"),
        (no_side, "of shape"),
        (twice, "two of 9c's kernel"),
    ],
)
def test_a_hostile_layer_is_refused(folder: Path, tmp_path: Path, harm, says: str) -> None:
    group = replace_kernel(folder)
    harm(group, tmp_path)
    group.file.close()
    assert says in refused(folder, here=True)


def test_a_group_that_holds_itself_does_not_turn_for_ever(folder: Path) -> None:
    with h5py.File(folder / NAME, "r+") as file:
        file["9c/again"] = file["9c"]
    assert "two of 9c's" in refused(folder, here=True)


def test_one_layer_under_many_names_counts_every_time(folder: Path) -> None:
    with h5py.File(folder / NAME, "r+") as file:
        file["big/big/kernel:0"] = np.zeros((1, 1, 4096, 4096), "f4")
        for number in range(20):
            file[f"big_{number}"] = file["big"]
    assert "more than any Musika model" in refused(folder, here=True)


def test_thousands_of_layers_are_refused(folder: Path) -> None:
    with h5py.File(folder / NAME, "r+") as file:
        for number in range(5000):
            file.create_group(f"conv2d_{number}")
    assert "thousands of layers" in refused(folder, here=True)


def test_keras_3_is_named(folder: Path) -> None:
    with h5py.File(folder / NAME, "w") as file:
        file["layers/conv2d/vars/0"] = np.zeros(3)
    assert "written by Keras 3" in refused(folder)


def test_names_that_climb_are_not_followed(folder: Path) -> None:
    with h5py.File(folder / NAME, "r+") as file:
        file["..%2Fup"] = np.zeros(3, "f4")
        file.attrs["layer_names"] = [b"../../../etc/passwd", b"/9c"]
        file["9c"].attrs["weight_names"] = [b"../../secret", b"/root"]
    read(locate(folder))  # the lists are not even read


@pytest.mark.parametrize("seed", range(3))
def test_flipped_bytes_are_refused_or_harmless(folder: Path, seed: int) -> None:
    chance = np.random.default_rng(seed)
    data = bytearray((folder / NAME).read_bytes())
    for at in chance.integers(8, min(len(data), 20_000), 40):
        data[at] = int(chance.integers(256))
    (folder / NAME).write_bytes(bytes(data))
    with contextlib.suppress(CheckpointError):
        raw = read(locate(folder))
        numbers = [x for own in raw.generator.values() for x in own.values()]
        assert all(np.isfinite(x).all() for x in numbers)


def test_a_crash_of_the_reader_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    assert refused(folder) == "gen_ema.h5 is damaged or cut short"


def test_the_reader_has_little_memory_and_time() -> None:
    program = (
        "from resource import *; from rtgen.musika import hdf5; hdf5._limit();"
        "print(getrlimit(RLIMIT_AS)[0], getrlimit(RLIMIT_CPU)[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    memory, seconds = map(int, done.stdout.split())
    assert 0 < memory <= 8 << 30
    assert 0 < seconds <= 300


def test_the_reader_runs_nothing_that_lies_where_one_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "numpy", "h5py", "rtgen"):
        (folder / f"{name}.py").write_text("raise SystemExit('run')\n")
    monkeypatch.chdir(folder)
    assert read(locate(folder)).generator
