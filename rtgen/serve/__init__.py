"""The background generator: one engine for many plugin instances.

Lives here: `server` (the socket) and `handshake`, `host_state` (what a host says), `wishes` (what
knobs and MIDI say), `host_timeline` (the same along the timeline), `hosted` (one stream for each
instance), `take_line` and `loop_ahead` (its takes, and where a loop jumps), `stranding` (a host
that went on while the engine was kept from its work), `instances` (all of them), `scheduler` (who
is worked for next), `daemon` (the process), `plugin_files` (where hosts look for the plugin). Not
here: the shared memory's layout (compiled), how sound is made (stream). Imported by cli only.

Threads: one server thread accepts and lets go; worker threads each take the stream that is nearest
to running dry and do one piece of work for it. A stream is never worked on by two at once.
"""
