"""Hands on the stream: MIDI ports, what their messages mean, clocks from outside, OSC, keys.

What lives here: `midi_map` (CC and NRPN to controls), `notes` (held notes to chroma), `clock_in`
(MIDI clock to tempo and phase), `clock_follow` (a player kept on it), `surface` (all of these on a
player), `midi_system` (what rtmidi offers here), `ear` (one open port), `ports` (hot-plug),
`stamps` (when a message came), `jack_watch` (whether the JACK server lives), `keyboard` (the
terminal), `presets` (named settings), `learnt` (knobs of the user's devices) and `teaching` (how
they are), `history` (undo),
`performer` (what a hand may ask of what plays), `performance_writer` and `performance_reader` (what
was heard as a MIDI file, with `performance_marks`, `tempo_map`, `midi_file` and `midi_framing`;
`performance_child`: written by a process of its own; `played`: with which model),
`freezer` (variation to nothing, and back), `listen_at` (hosts and ports as typed), `osc_datagram`
(datagrams to messages), `osc_addresses` (what they do), `osc_feedback` (what is told back), `osc`
(the server), `link` (Ableton Link). Only `midi_system` knows rtmidi; python-osc and aalink are
imported when they are asked for. A player keeps the last value of each control between two takes,
so a flood costs decoding and nothing else.
Imported by `output`, `web` and `cli`.
"""
