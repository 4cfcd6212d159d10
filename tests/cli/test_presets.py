"""`rtgen presets save`: what it says is kept can be read again, and nothing goes unasked."""

import pytest

from rtgen.control import presets as kept


@pytest.fixture(autouse=True)
def own_file(tmp_path, monkeypatch):
    path = tmp_path / "presets.toml"
    monkeypatch.setattr(kept, "presets_file", lambda: path)
    return path


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("",), "'' cannot name a preset"),
        (("  ",), "'  ' cannot name a preset"),
        (("two\nlines",), "cannot name a preset"),
        (("broken\udcff",), "cannot name a preset"),
        (("Mine", "--seed", 2**64), "seed of 'Mine' cannot be 18446744073709551616"),
        (("Mine", "--style", 2**64), "style of 'Mine' cannot be 18446744073709551616"),
        (("Mine", "--set", "density=99"), "density 99 is out of range"),
        (("Mine", "--set", "density=auto"), "a preset holds numbers"),
    ],
)
def test_what_could_not_be_read_again_is_refused(rtgen, own_file, words, says):
    refused = rtgen("presets", "save", *words)
    assert refused.code == 2
    first, hint = refused.err.splitlines()
    assert first.startswith("error: ")
    assert says in first
    assert hint.startswith("hint: ")
    assert not own_file.exists()


def test_any_name_that_can_be_printed_comes_back(rtgen):
    for name in ('"quoted" \\ back', "Größer", "ピアノ", "🎹", "name = 3 # [[preset]]"):
        assert rtgen("presets", "save", name, "--set", "density=3", "--seed", 2**64 - 1).code == 0
        listed = rtgen("presets", "list")
        assert listed.code == 0, listed.err
        assert f"{name:24} density=3.0  seed={2**64 - 1}" in listed.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("Other", "--program", 13), "that would replace 'Mine' on program 13"),
        (("mine",), "that would replace 'Mine' on program 13"),
        (("Second", "--program", 13), "'Mine' on program 13 and 'Second'"),
    ],
)
def test_a_preset_goes_only_when_told(rtgen, own_file, words, says):
    assert rtgen("presets", "save", "Mine", "--program", 13, "--set", "density=3").code == 0
    assert rtgen("presets", "save", "Second", "--set", "density=4").code == 0
    before = own_file.read_bytes()
    refused = rtgen("presets", "save", *words, "--set", "density=5")
    assert refused.code == 2
    assert says in refused.err
    assert "hint: -y replaces" in refused.err
    assert own_file.read_bytes() == before
    assert rtgen("presets", "save", *words, "--set", "density=5", "-y").code == 0
    listed = rtgen("presets", "list").out
    assert "density=5" in listed
    assert " Mine " not in listed


def test_a_file_with_something_else_is_not_written_over(rtgen, own_file):
    own_file.write_text('[[presets]]\nname = "Mine"\ndensity = 3\n')
    refused = rtgen("presets", "save", "Other", "--set", "density=5", "-y")
    assert refused.code == 2
    assert refused.err == (
        f"error: {own_file}: 'presets' means nothing there, only [[preset]] does\n"
        "hint: mend it, or move it away\n"
    )
    assert "Mine" in own_file.read_text()
