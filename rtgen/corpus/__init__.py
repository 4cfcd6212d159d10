"""Procedural music with exact labels, for training and for measuring.

What lives here: `track` (stems and labels), `harmony`, `patterns`, `arrangement` (what is played),
`drums`, `tones`, `effects` (how it sounds), `labels` (what is heard, exactly), `techno` (the
style), `stream` (clips for training, seed ranges), `preview`. Numpy and scipy only.
May be imported by `train`, `evaluate` and `cli`; never by run-time rooms.
"""
