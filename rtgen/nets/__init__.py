"""The nets, in torch: what is trained and what is exported.

What lives here: `recipe` (sizes), `recovered` (a net out of its graph), `layers`, `autoencoder`,
`generator`, `critic`, `spectrogram_critic` and `ear` (training only), `decoding` (latents made
audible), `checkpoint_file` (nets on the disk). Layout is (B batch, T frames, C channels) at every
boundary. Imports `audio` and `timeline`; may be imported by `train`, `export` and `musika`.
"""
