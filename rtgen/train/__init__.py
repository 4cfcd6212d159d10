"""Training: from the corpus to checkpoints, on a CPU or a GPU.

What lives here: `batches` (endless clips, made while training), `analysis` (from waveforms to
what the autoencoder reads and must say), `losses` and `autoencoder` (its losses and loop),
`latents` (clips as latents with conditioning), `gan_losses` and `gan` (the generator's),
`averaging` (of weights), `checkpoints` (safetensors, resumable), `previews` (audio to listen to).
Nets are in `nets`. Imports torch, `nets`, `corpus`, `audio`, `timeline`; imported by `cli` only.
"""
