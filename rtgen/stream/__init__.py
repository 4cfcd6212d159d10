"""The stream: from a bundle, a seed and a control timeline to sound, now or for a file.

What lives here: `sessions` (onnxruntime), `renderer` (the pure function), `frames` and
`half_windows` (its makers, one for each kind of bundle), `offline` (the same at any rate, for
files), `workers` (blocks made side by side), `sink` (where sound goes, a protocol), `lead` (latency
as named parts), `pace` (how often changes are answered), `quantise` (changes on the beat or bar),
`gestures` (loop, morph), `takes` (one take in the making), `player` (the engine thread, and what a
program holds), `journal` (what was heard) and `performed` (the same made
again), `meters` (what it tells), `on_trial` (the child in which a bundle that nobody vouches for is
tried), `latency` (how soon a change is heard, measured), `speed` (how fast it is, measured).

Threads: the caller's threads only post events to the player; one engine thread renders and writes
to the sink; the device's thread reads from the sink and never calls Python. All state of the
timeline belongs to the engine thread once it runs. For a file, workers read a timeline that nobody
changes any more.

Imports `bundle`, `audio`, `timeline`; imported by `serve`, `web`, `evaluate`, `cli`. It knows no
compiled code: a sink is a protocol.
"""
