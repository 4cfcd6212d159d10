"""Hands on the stream: MIDI ports, what their messages mean, a clock from outside, keys.

What lives here: `midi_map` (CC and NRPN to controls), `notes` (held notes to chroma), `clock_in`
(MIDI clock to tempo and phase), `clock_follow` (a player kept on it), `surface` (all of these on a
player), `midi_system` (what rtmidi offers here), `jack_watch` (is its server still there), `ports`
(open, hot-plug), `stamps` (when a message came), `keyboard` (the terminal). Only `midi_system`
knows rtmidi. A player keeps the last value of each control between two takes, so a flood costs
decoding and nothing else. Imported by `cli` only.
"""
