"""The model card of a bundle, as Markdown for people and hubs."""

from __future__ import annotations

from rtgen.bundle.card import TRAINING, head, training_facts
from rtgen.bundle.manifest import FrameManifest

METRE = """\
The music is in 4/4. Beat, bar, 4-bar and 16-bar phase come from the clock. In other metres every
bar of the host begins a bar of four: a bar of seven eighths is the first three and a half beats of
one."""
BEATS = "It knows one genre, 4/4 only, and tempi within its range."
PROGRAM = (
    "All training audio was made by a program (`rtgen corpus preview`); no recording was used."
)
RECORDINGS = "It was trained on recordings; whoever shares it answers for the right to."
NO_BEAT = "It knows one genre, and hears nothing of a host's tempo."


def model_card(manifest: FrameManifest) -> str:
    """README.md of a bundle."""
    controls = "\n".join(
        f"| {name} | {c.low:g} to {c.high:g} {c.unit} | {c.default:g} |"
        for name, c in manifest.controls.items()
    )
    m = manifest.margins
    metre, limit = (
        (METRE, BEATS)
        if manifest.has_beat
        else ("The music breathes: there is no tempo to set and no beat to lock to.", NO_BEAT)
    )
    procedural = str(manifest.training.get("corpus")).startswith("procedural")
    origin = PROGRAM if procedural else RECORDINGS
    return f"""{head(manifest.licence)}# {manifest.name}

An rtgen bundle of the style **{manifest.style}**: endless 44.1 kHz stereo music, steered live.
Play it with `rtgen play --model {manifest.name}`.

## Controls
| control | range | default |
|---|---|---|
{controls}
| chroma | any set of pitch classes, `any` or `none` | any |

{metre}

## How it works
A generator makes 64 latent numbers for every frame of 2048 samples from interpolated anchors
(two-sided: {m.trunk_left} frames each way) and from style and controls (the last {m.head_left}
frames only). A decoder, one frame ahead at most, turns them into the amplitudes of 288 carriers,
64 noise bands and a low-band waveform, from which sound is synthesised.

{TRAINING}
{training_facts(manifest.training)}

{origin}

## Limits
{limit} Pitches are those of equal temperament at
A = 440 Hz to a sixth of a tone. It has no voice and plays no melody it has heard.
"""
