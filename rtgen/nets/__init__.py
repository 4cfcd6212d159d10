"""The nets, in torch: what is trained and what is exported.

What lives here: `recipe` (sizes), `recovered` (a net out of its graph), `layers`, `autoencoder`,
`generator`, `critic` and `spectrogram_critic` (training only),
`checkpoint_file` (nets on the disk). Layout is (B batch, T frames, C channels) at every boundary.
Imports nothing of rtgen but this room; may be imported by `train`, `export`, `musika` and
`evaluate`.
"""
