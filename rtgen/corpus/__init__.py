"""Procedural music with exact labels, for training and for measuring.

What lives here: `track` (stems and labels), `labels` (what is heard, exactly), `stream` (clips for
training, seed ranges, the styles by name), `preview`, `effects`. The style `techno`: `harmony`,
`patterns`, `arrangement` (what is played), `drums`, `tones` (how it sounds). The style `piano`:
`chords`, `phrases`, `textures`, `score` (what is played), `rubato` (when and how loud), `strings`
(how it sounds). `studies` are single sounds. Numpy and scipy only.
May be imported by `train`, `evaluate` and `cli`; never by run-time rooms.
"""
