"""Where a stream is heard: the sound card, or a clock with no sound.

What lives here: `devices` (find one), `sound_card` (hands the compiled callback to PortAudio),
`null_clock` (reads in real time when there is no device), `outlet` (one or the other, as devices
come and go), `jack_client` and `jack_outlet` (the same as a client of JACK), `transport` (a player
kept on JACK's), `tap` (what is heard, for several listeners), `recorder` (keeps it),
`disk` (how much room is left), `limits` (priority and memory that it may have).
Only `cli` and `web` may import it; it alone knows `rtgen._bridge`.
"""
