"""Music of your own: files of any kind become latents and labels, and a model learns from them."""

import json
import shutil
import stat

import numpy as np
import pytest
import soundfile
import torch

from rtgen.corpus.piano import render_piano
from rtgen.corpus.techno import render_techno
from rtgen.errors import RenderError
from rtgen.nets.autoencoder import Autoencoder
from rtgen.train import encoding
from rtgen.train.dataset import encoder_of, read_data
from rtgen.train.encoding import bundle_encoder, checkpoint_encoder, encode_folder
from rtgen.train.hearing import beat_positions, folded, labels_heard
from rtgen.train.recordings import read_recording, sound_files

FRAMES = 240
TECHNO_SEED, PIANO_SEED = 3, 9


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """Three whole files of three kinds and rates, a broken one, a short one, and a letter."""
    folder = tmp_path_factory.mktemp("music")
    techno = render_techno(TECHNO_SEED, FRAMES).mix.T
    piano = render_piano(PIANO_SEED, FRAMES).mix.T
    soundfile.write(folder / "a.wav", techno, 44100, "FLOAT")
    (folder / "album" / "disc 1").mkdir(parents=True)
    soundfile.write(folder / "album" / "disc 1" / "b.flac", piano, 44100, "PCM_24")
    soundfile.write(folder / "c.ogg", techno.mean(1), 44100)
    (folder / "broken.wav").write_bytes(b"RIFF\0\0\0\0WAVEnothing at all")
    soundfile.write(folder / "short.wav", techno[:44100], 44100)
    (folder / "letter.txt").write_text("not music")
    return folder


@pytest.fixture(scope="module")
def data(music, techno, tmp_path_factory):
    out = tmp_path_factory.mktemp("data")
    outcomes = list(encode_folder(music, out, bundle_encoder(techno.folder), workers=2))
    return out, {o.source: o for o in outcomes}


def test_whole_files_are_encoded_and_others_are_named_with_a_reason(data, monkeypatch):
    out, outcomes = data
    assert set(outcomes) == {"a.wav", "album/disc 1/b.flac", "c.ogg", "broken.wav", "short.wav"}
    assert {k for k, o in outcomes.items() if o.skipped is None} == {
        "a.wav",
        "album/disc 1/b.flac",
        "c.ogg",
    }
    assert outcomes["short.wav"].skipped == "it is shorter than 9 s"
    assert "broken.wav" not in (outcomes["broken.wav"].skipped or "broken.wav")
    assert outcomes["a.wav"].seconds == pytest.approx(FRAMES * 2048 / 44100)
    assert len(list((out / "clips").iterdir())) == 3


def test_a_second_run_does_only_what_is_new_changed_or_damaged(music, techno, tmp_path):
    folder, out = shutil.copytree(music, tmp_path / "music"), tmp_path / "data"
    (folder / "c.ogg").unlink()
    (folder / "broken.wav").unlink()
    source = bundle_encoder(techno.folder)

    def known():
        return {o.source: o.known for o in encode_folder(folder, out, source, 0) if not o.skipped}

    assert known() == {"a.wav": False, "album/disc 1/b.flac": False}
    assert known() == {"a.wav": True, "album/disc 1/b.flac": True}
    soundfile.write(folder / "a.wav", render_techno(8, FRAMES).mix.T, 44100, "FLOAT")
    assert known() == {"a.wav": False, "album/disc 1/b.flac": True}
    for clip in (out / "clips").iterdir():
        clip.write_bytes(clip.read_bytes()[:100])
    assert known() == {"a.wav": False, "album/disc 1/b.flac": False}
    assert len(read_data(out).recordings) == 2


def test_latents_of_another_encoder_are_not_mixed_in(data, music, tmp_path):
    net = tmp_path / "ae.safetensors"
    net.write_bytes(b"another encoder")
    with pytest.raises(RenderError, match="latents of another encoder"):
        next(encode_folder(music, data[0], checkpoint_encoder(net)))


def test_what_is_read_is_what_was_encoded(data, techno):
    out, _ = data
    read = read_data(out)
    assert read.standardised
    assert read.minutes == pytest.approx(3 * FRAMES * 2048 / 44100 / 60)
    assert encoder_of(read, None) == (None, techno.folder.resolve())
    for r in read.recordings:
        assert r.latents.shape == (FRAMES, 64)
        assert r.controls.shape == (FRAMES, 32)
        assert np.isfinite(r.controls).all()
        assert 0.3 < r.latents.std() < 3
    beats = [bool(r.controls[:, :15].any()) for r in read.recordings]
    assert sorted(beats) == [False, True, True]
    low, high = read.tempo
    true = render_techno(TECHNO_SEED, 2).labels.tempo_bpm[0]
    assert low <= true * 1.02
    assert high >= true * 0.98
    assert not any(r.controls[:, :15].any() for r in read.without_beat().recordings)


def test_damaged_data_and_lost_encoders_are_refused(data, tmp_path):
    out = shutil.copytree(data[0], tmp_path / "data")
    facts = json.loads((out / "data.json").read_text())
    facts["encoder"]["path"] = str(tmp_path / "gone")
    (out / "data.json").write_text(json.dumps(facts))
    with pytest.raises(RenderError, match="is gone"):
        encoder_of(read_data(out), None)
    next((out / "clips").iterdir()).write_bytes(b"no")
    with pytest.raises(RenderError, match="damaged"):
        read_data(out)
    with pytest.raises(RenderError, match="not a folder of encoded music"):
        read_data(tmp_path)


def test_chunks_make_the_latents_of_the_whole(monkeypatch):
    net = Autoencoder().encoder.eval()
    encoder = (lambda x: net(x)[0].detach().numpy(), net.left, net.right)
    samples = render_techno(5, 40).mix
    whole = encoding.encode(samples, encoder)
    monkeypatch.setattr(encoding, "CHUNK_FRAMES", 13)
    with torch.no_grad():
        cut = encoding.encode(samples, encoder)
    assert whole.shape == (40, 64)
    assert np.abs(whole - cut).max() < 1e-3


def test_other_rates_and_channels_become_stereo_at_44100(tmp_path):
    t = np.arange(96000) / 48000
    tone = 0.5 * np.sin(2 * np.pi * 441 * t)
    soundfile.write(tmp_path / "mono.wav", tone, 48000)
    soundfile.write(tmp_path / "four.wav", np.stack([tone, -tone, 0 * t, 0 * t], 1), 48000)
    mono, four = (read_recording(tmp_path / f"{name}.wav") for name in ("mono", "four"))
    assert mono.shape == four.shape == (2, 88200)
    wanted = 0.5 * np.sin(2 * np.pi * 441 * np.arange(88200) / 44100)
    inner = slice(2000, -2000)
    assert np.abs(mono[0] - wanted)[inner].max() < 1e-3
    assert np.array_equal(mono[0], mono[1])
    assert np.abs(four[1] + wanted)[inner].max() < 1e-3


def test_what_soundfile_cannot_read_goes_to_ffmpeg_where_there_is_one(tmp_path, monkeypatch):
    path = tmp_path / "x.m4a"
    path.write_bytes(b"not for soundfile")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError) as refused:
        read_recording(path)
    assert "ffmpeg" in refused.value.hint
    samples = np.linspace(-0.5, 0.5, 8, dtype=np.float32).reshape(-1, 2)
    (tmp_path / "pcm").write_bytes(samples.tobytes())
    stand_in = tmp_path / "ffmpeg"
    stand_in.write_text(f'#!/bin/sh\nexec /bin/cat "{tmp_path}/pcm"\n')
    stand_in.chmod(stand_in.stat().st_mode | stat.S_IEXEC)
    assert np.array_equal(read_recording(path), samples.T)
    stand_in.write_text("#!/bin/sh\necho moov atom not found >&2\nexit 1\n")
    with pytest.raises(RenderError, match="moov atom not found"):
        read_recording(path)


def test_folders_without_music_are_refused(tmp_path):
    with pytest.raises(RenderError, match="no sound files"):
        sound_files(tmp_path)
    with pytest.raises(RenderError, match="no folder"):
        sound_files(tmp_path / "nowhere")


def test_labels_heard_are_those_of_the_corpus():
    track = render_techno(TECHNO_SEED, FRAMES)
    heard, true = labels_heard(track.mix, (100.0, 180.0)), track.labels
    assert np.median(np.abs(heard.tempo_bpm / true.tempo_bpm - 1)) < 0.02
    away = heard.beat_position - true.beat_position
    away -= np.round(np.median(away))
    assert np.median(np.abs(away)) * 60 / true.tempo_bpm[0] < 0.03
    assert np.allclose(heard.energy, true.energy, atol=1e-6)
    played = render_piano(PIANO_SEED, FRAMES)
    heard, true = labels_heard(played.mix), played.labels
    assert np.isnan(heard.tempo_bpm).all()
    assert np.isnan(heard.beat_position).all()
    assert np.mean(np.abs(heard.density - true.density)) < 1.5
    both = (heard.chroma > 0) & (true.chroma > 0)
    sure = true.chroma.any(1)
    assert both[sure].sum() / (heard.chroma > 0)[sure].sum() > 0.7
    assert both[sure].sum() / (true.chroma > 0)[sure].sum() > 0.35


def test_silence_has_no_chord_no_beat_and_no_onsets():
    heard = labels_heard(np.zeros((2, FRAMES * 2048), np.float32))
    assert not heard.chroma.any()
    assert not heard.density.any()
    assert not heard.energy.any()
    assert np.isnan(heard.tempo_bpm).all()


def test_a_tempo_outside_the_range_is_doubled_or_halved_into_it():
    beats = 0.7 * np.arange(20)
    assert np.allclose(np.diff(folded(beats, 100, 180)), 0.35)
    assert np.allclose(np.diff(folded(beats, 40, 80)), 1.4)
    assert np.array_equal(folded(beats, 70, 180), beats)
    assert np.array_equal(folded(beats, 100, 160), beats)


def test_jittered_beats_give_a_steady_tempo_and_bars():
    rng = np.random.default_rng(0)
    beats = 1.3 + 0.5 * np.arange(30) + rng.normal(0, 0.005, 30)
    position, tempo = beat_positions(beats, 2, 300)
    inner = slice(30, 290)
    assert np.abs(tempo[inner] - 120).max() < 4
    seconds = np.arange(300) * 2048 / 44100
    assert np.abs(position - (position[0] + (seconds - seconds[0]) / 0.5)).max() < 0.06
    downbeat = np.interp(1.3 + 2 * 0.5, seconds, position)
    assert abs(downbeat / 4 - round(downbeat / 4)) < 0.02
    assert position.min() >= 0
