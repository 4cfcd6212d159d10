"""Files over HTTP: on from where they were cut off, and never more than was announced."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rtgen.bundle import fetch as fetching
from rtgen.bundle.fetch import Expected, fetch
from rtgen.bundle.remote import Remote, read_small
from rtgen.errors import BundleError, LibraryError, RtgenError
from tests.fakes.web_files import WebFiles

DATA = os.urandom(500_000)
WHOLE = Expected(len(DATA), hashlib.sha256(DATA).hexdigest())
NAME = "big.onnx"


@pytest.fixture
def there(mirror: WebFiles) -> WebFiles:
    (mirror.folder / NAME).write_bytes(DATA)
    return mirror


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PAUSES_SECONDS", (0.0, 0.01))


def get(there: WebFiles, target: Path, expected: Expected = WHOLE) -> list[int]:
    """Fetch the file; how much of it was told to be here, step by step."""
    steps: list[int] = []
    remote = Remote(there.url, "the mirror")
    fetch(remote, NAME, expected, target, lambda _name, done, _all: steps.append(done))
    return steps


def refused(there: WebFiles, target: Path, expected: Expected = WHOLE) -> RtgenError:
    with pytest.raises(RtgenError) as caught:
        get(there, target, expected)
    assert "\n" not in str(caught.value)
    assert not target.exists()
    return caught.value


def test_a_cut_connection_is_taken_up_where_it_broke(there: WebFiles, tmp_path: Path) -> None:
    there.faults.cuts[NAME] = [300_000, 100_000]
    steps = get(there, tmp_path / NAME)
    assert (tmp_path / NAME).read_bytes() == DATA
    first, second, third = there.bodies(NAME)
    assert "range" not in first.headers
    assert (second.headers["range"], third.headers["range"]) == ("bytes=300000-", "bytes=400000-")
    assert sum(answer.body_bytes for answer in (first, second, third)) == len(DATA)
    assert steps == sorted(steps)
    assert steps[-1] == len(DATA)


def test_what_came_before_the_server_went_away_is_used_by_the_next_run(
    there: WebFiles, tmp_path: Path
) -> None:
    there.faults.cuts[NAME] = [200_000, 0, 0, 0]
    error = refused(there, tmp_path / NAME)
    assert isinstance(error, LibraryError)
    assert error.hint == "the same command goes on from what has come"
    assert (tmp_path / f"{NAME}.part").stat().st_size == 200_000
    there.faults.cuts.clear()
    there.sent.clear()
    get(there, tmp_path / NAME)
    (answer,) = there.bodies(NAME)
    assert answer.headers["range"] == "bytes=200000-"
    assert answer.body_bytes == len(DATA) - 200_000
    assert (tmp_path / NAME).read_bytes() == DATA


def test_a_process_that_was_killed_has_lost_nothing(there: WebFiles, tmp_path: Path) -> None:
    program = (
        "import sys, os, pathlib\n"
        "from rtgen.bundle.fetch import Expected, fetch\nfrom rtgen.bundle.remote import Remote\n"
        "url, target, size, sha256 = sys.argv[1:]\n"
        "def told(name, done, whole):\n"
        "    if done >= 250_000: os.kill(os.getpid(), 9)\n"
        f"fetch(Remote(url, 'x'), '{NAME}', Expected(int(size), sha256),"
        " pathlib.Path(target), told)\n"
    )
    arguments = [there.url, str(tmp_path / NAME), str(WHOLE.bytes), str(WHOLE.sha256)]
    done = subprocess.run([sys.executable, "-c", program, *arguments], check=False, timeout=60)
    assert done.returncode == -9
    kept = (tmp_path / f"{NAME}.part").stat().st_size
    assert kept >= 250_000
    get(there, tmp_path / NAME)
    assert there.bodies(NAME)[-1].headers["range"] == f"bytes={kept}-"
    assert (tmp_path / NAME).read_bytes() == DATA


def test_a_server_without_ranges_sends_it_anew(there: WebFiles, tmp_path: Path) -> None:
    there.faults.ranges = False
    there.faults.cuts[NAME] = [300_000]
    get(there, tmp_path / NAME)
    assert (tmp_path / NAME).read_bytes() == DATA


def test_a_server_that_is_busy_is_asked_again(there: WebFiles, tmp_path: Path) -> None:
    there.faults.statuses[NAME] = [503, 429]
    get(there, tmp_path / NAME)
    assert (tmp_path / NAME).read_bytes() == DATA


def test_a_file_that_is_here_already_is_not_asked_for(there: WebFiles, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(DATA)
    assert get(there, tmp_path / NAME) == [len(DATA)]
    assert there.sent == []


def test_a_wrong_checksum_leaves_nothing(there: WebFiles, tmp_path: Path) -> None:
    there.faults.instead[NAME] = DATA[:-1] + b"x"
    error = refused(there, tmp_path / NAME)
    assert isinstance(error, BundleError)
    assert str(error) == f"{NAME} of the mirror does not match its checksum"
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("size", [len(DATA) - 1, 10, len(DATA) + 5])
def test_another_size_is_refused_before_it_is_read(
    there: WebFiles, tmp_path: Path, size: int
) -> None:
    there.faults.instead[NAME] = os.urandom(size)
    assert f"has {size} bytes, not {len(DATA)}" in str(refused(there, tmp_path / NAME))
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_a_file_that_never_ends_is_left_at_the_size_that_was_announced(
    there: WebFiles, tmp_path: Path
) -> None:
    there.faults.endless.add(NAME)
    assert "sends more of big.onnx than it may have" in str(refused(there, tmp_path / NAME))
    assert sum(p.stat().st_size for p in tmp_path.glob(f"{NAME}*")) == 0
    with pytest.raises(BundleError, match="larger than any of ours"):
        read_small(Remote(there.url, "the mirror"), NAME, 1000)


def test_a_part_of_another_file_is_found_out(there: WebFiles, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(os.urandom(1000))
    assert "does not match its checksum" in str(refused(there, tmp_path / NAME))
    get(there, tmp_path / NAME)
    assert (tmp_path / NAME).read_bytes() == DATA


def test_a_disk_that_is_full_is_not_called_a_broken_network(
    there: WebFiles, tmp_path: Path
) -> None:
    program = (
        "import resource, signal, sys, pathlib\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "from rtgen.bundle.fetch import Expected, fetch\nfrom rtgen.bundle.remote import Remote\n"
        "try:\n"
        f"    fetch(Remote(sys.argv[1], 'x'), '{NAME}', Expected(500_000),"
        " pathlib.Path(sys.argv[2]), print)\n"
        "except Exception as error: sys.exit(str(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, there.url, str(tmp_path / NAME)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr.strip() == f"cannot write {NAME}: file too large"


def test_a_redirect_leads_to_the_web_only_and_takes_no_token_along(
    there: WebFiles, tmp_path: Path
) -> None:
    from tests.fakes.web_files import Handler

    class Elsewhere(Handler):
        def do_GET(self) -> None:
            self.answer(302, headers={"Location": self.server.to})  # type: ignore[attr-defined]

    with WebFiles(there.folder, Elsewhere) as redirecting:
        remote = Remote(redirecting.url, "the mirror", {"Authorization": "Bearer secret"})
        redirecting.to = f"{there.url}/{NAME}"  # type: ignore[attr-defined]
        fetch(remote, NAME, WHOLE, tmp_path / NAME, lambda *_: None)
        assert redirecting.sent[0].headers["authorization"] == "Bearer secret"
        assert "authorization" not in there.sent[0].headers
        (tmp_path / "secret").write_bytes(DATA)
        for place in (f"file://{tmp_path}/secret", "ftp://127.0.0.1/x", "data:text/plain,x"):
            redirecting.to = place  # type: ignore[attr-defined]
            with pytest.raises(LibraryError):
                fetch(remote, NAME, WHOLE, tmp_path / "stolen", lambda *_: None)
            assert not (tmp_path / "stolen").exists()


def test_nobody_there_is_said_to_be() -> None:
    with pytest.raises(LibraryError, match="cannot reach the mirror: connection refused"):
        read_small(Remote("http://127.0.0.1:9", "the mirror"), "manifest.json", 10)


def test_headers_are_not_shown_with_the_remote() -> None:
    assert "secret" not in repr(Remote("http://x", "x", {"Authorization": "Bearer secret"}))
