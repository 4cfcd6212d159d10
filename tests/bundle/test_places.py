"""What people write for a place, and what never becomes one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtgen.bundle.places import (
    FolderPlace,
    HubOwner,
    HubPlace,
    WebPlace,
    library_of,
    place_of,
    within,
)
from rtgen.errors import LibraryError


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("me/tiny", HubPlace("me/tiny")),
        ("hf://me/tiny", HubPlace("me/tiny")),
        ("me/tiny@v1", HubPlace("me/tiny", revision="v1")),
        ("hf://me/tiny/models/a@refs/pr/1", HubPlace("me/tiny", "models/a", "refs/pr/1")),
        ("https://host/models/tiny/", WebPlace("https://host/models/tiny")),
        ("http://host:8000/tiny/manifest.json", WebPlace("http://host:8000/tiny")),
        ("./tiny", FolderPlace(Path("tiny"))),
        ("/models/tiny", FolderPlace(Path("/models/tiny"))),
    ],
)
def test_places_are_read_as_they_are_written(text: str, place: object) -> None:
    assert place_of(text) == place


def test_a_model_is_found_in_its_library(tmp_path: Path) -> None:
    assert within(library_of("hf://me"), "tiny", "v1") == HubPlace("me/tiny", revision="v1")
    assert within(library_of("https://host/m"), "tiny") == WebPlace("https://host/m/tiny")
    assert within(library_of(str(tmp_path)), "tiny") == FolderPlace(tmp_path / "tiny")
    assert library_of("hf://") == HubOwner("")


def test_a_folder_that_is_there_is_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "me/tiny").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert place_of("me/tiny") == FolderPlace(Path("me/tiny"))
    assert place_of("hf://me/tiny") == HubPlace("me/tiny")


@pytest.mark.parametrize("text", ["", "a\nb/c", "\0", "ftp://host/x", "me/a b", "x" * 5000])
def test_a_place_that_is_none_is_refused_in_one_short_line(text: str) -> None:
    with pytest.raises(LibraryError) as caught:
        place_of(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


@given(text=st.text(st.sampled_from("ab/.:@\\~-_ hf\n%?#"), max_size=30))
def test_no_repository_climbs(text: str) -> None:
    try:
        place = place_of(text)
        library_of(text)
    except LibraryError:
        return
    if isinstance(place, HubPlace):
        parts = [*place.repo.split("/"), *place.folder.split("/")]
        assert ".." not in text
        assert len(place.repo.split("/")) == 2
        assert all(part.isprintable() and "\\" not in part for part in parts)
