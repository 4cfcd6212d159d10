"""Hands on the stream: MIDI ports, what their messages mean, a clock from outside, keys.

What lives here: `midi_map` (CC to controls), `notes` (held notes to chroma), `clock_in` (MIDI clock
to tempo and phase), `ports` (open, hot-plug, flood-proof), `keyboard` (the terminal).
Only `ports` touches rtmidi. Messages are folded to their last value before they reach the player,
so a flood costs decoding and nothing else. Imported by `cli` only.
"""
