"""From checkpoints to a bundle.

What lives here: `graphs` (torch to ONNX, weights as half precision), `parity` (against torch),
`folding` and `quantise` (static int8), `int8` (both int8 graphs of a bundle), `passages` (what a
generator is asked for there), `distil` (guidance taught to a generator), `attune` and its
`attune_clips` (taught to be heard as it is asked), `card`, `place` (where a bundle goes, whole),
`describe` (what it says of itself), `bundle` (all of it in order), `retuned` (a bundle with another
generator), `settled` (with another decoder), `weights` (what `rtgen finetune` goes on from).
Imports `nets`, `bundle` and what lies below; imported by `musika` and `cli`.
"""
