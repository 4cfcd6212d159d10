"""Fault drills: what goes wrong on stage, done to real processes, and what is heard afterwards.

`benchmarks/soak.py` does the same at random for hours. Here, by what is done: `test_killed` (the
engine), `test_pauses` (engine stopped, laptop suspended), `test_starved` (of the processor),
`test_no_memory` (for a model), `test_clocks` (the date is set), `test_floods` (MIDI, automation at
every block), `test_seeks` (thousands), `test_many_instances` (created and destroyed),
`test_devices` (other blocks, another rate). `live_host` is the plugin in a host that is told what
to do while it plays, `resources` what a process holds.
Elsewhere: a full disk in `output/test_recorder` and `cli/test_play`; a device that goes and comes
in `output/test_jack_outlet`, `output/test_sound_card` and `control/test_server_death`; other rates
and blocks of hosts in `hosts/test_clap`; floods of OSC and MIDI on the player in `control/test_osc`
and `control/test_ports`; other protocols and stale sockets in `serve/test_handshake`.
"""
