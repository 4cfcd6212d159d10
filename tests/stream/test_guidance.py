"""Guidance pushes what is asked further from what would be free, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtgen.bundle.load import Bundle, load_bundle
from rtgen.errors import BundleError
from rtgen.stream.frames import FrameMaker, Voice
from rtgen.timeline.controls import ANY_CHROMA, AUTO, chroma_of
from rtgen.timeline.events import ControlTimeline

FRAMES = 12
FREE = {"density": AUTO, "energy": AUTO, "chroma": ANY_CHROMA}


def changed(tiny: Bundle, folder: Path, **facts: Any) -> Path:
    copy = folder / "tiny"
    shutil.copytree(tiny.folder, copy)
    path = copy / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))
    return copy


def latents(bundle: Bundle, **controls: Any) -> np.ndarray:
    timeline = ControlTimeline({**FREE, **controls})
    return FrameMaker(bundle, "fp32", 1).latents(Voice(3), timeline, 5, FRAMES)


@pytest.mark.parametrize("asked", [{"density": 12.0}, {"chroma": chroma_of({0, 4, 7})}])
def test_what_is_asked_is_pushed_away_from_what_would_be_free(
    tiny: Bundle, tmp_path: Path, asked: dict[str, Any]
) -> None:
    guided = load_bundle(changed(tiny, tmp_path, guidance=2.0, density_guidance=1.0))
    free, plain = latents(tiny), latents(tiny, **asked)
    assert np.abs(plain - free).max() > 0.01
    assert np.abs(latents(guided, **asked) - (2 * plain - free)).max() < 1e-5


def test_what_is_free_is_not_guided(tiny: Bundle, tmp_path: Path) -> None:
    guided = load_bundle(changed(tiny, tmp_path, guidance=2.0, density_guidance=1.0))
    assert np.array_equal(latents(guided), latents(tiny))
    assert np.array_equal(latents(guided, energy=0.9), latents(tiny, energy=0.9)), "it gets loud"


def test_guidance_of_the_density_alone_leaves_the_rest(tiny: Bundle, tmp_path: Path) -> None:
    guided = load_bundle(changed(tiny, tmp_path, guidance=1.0, density_guidance=2.0))
    assert np.array_equal(latents(guided, energy=0.9), latents(tiny, energy=0.9))
    asked = {"density": 12.0, "energy": 0.9}
    wanted = 2 * latents(tiny, **asked) - latents(tiny, energy=0.9)
    assert np.abs(latents(guided, **asked) - wanted).max() < 1e-5


def test_a_bundle_that_is_guided_twice_is_refused(tiny: Bundle, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="guidance"):
        load_bundle(changed(tiny, tmp_path, guidance=2.0, density_guidance=2.0))
