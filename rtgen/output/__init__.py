"""Where a stream is heard: the sound card, or a clock with no sound.

What lives here: `devices` (find one), `sound_card` (hands the compiled callback to PortAudio),
`null_clock` (reads in real time when there is no device), `outlet` (one or the other, as devices
come and go), `recorder` (keeps what was heard).
Only `cli` and `web` may import it; it alone knows `rtgen._bridge`.
"""
