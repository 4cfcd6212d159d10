"""The background generator: one engine for many plugin instances.

Lives here: the socket and its handshake, what a host asks for as a timeline, one stream for each
instance, who is worked for next, the daemon. Not here: the shared memory's layout (compiled), how
sound is made (stream). Imported by cli only.

Threads: one server thread accepts and lets go; worker threads each take the stream that is nearest
to running dry and do one piece of work for it. A stream is never worked on by two at once.
"""
