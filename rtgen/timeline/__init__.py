"""Time and what happens in it: numpy only, shared by training and playing.

What lives here: `units` (conversions), `controls` (the one table of controls), `noise` (keyed
random numbers), `seeds` (what they are keyed by), `coordinates` (anchors), `half_line` (those of
half-windows), `voice` (seed, styles, loop), `events` (the control timeline), `clock` (beats per
frame), `passage` (what was heard), `heard` (the same while it grows, kept as `sparse` changes),
`packed` (many of these), `conditioning` (what the generator is told). May be imported by every
room; imports `errors` only.
"""
