"""Training: from the corpus to checkpoints, on a CPU or a GPU.

What lives here: `batches` (endless clips, made while training), `analysis` (from waveforms to what
the autoencoder reads and must say), `losses`, `schedule`, `phases`, `sounding` (the synthesis, with
gradients) and `autoencoder` (its losses, phases and loop), `latent_clip` (clips of the corpus as
latents with conditioning), `latents`, `gan_losses`, `gan_inputs`, `plan` and `gan` (the
generator's), `team` (many devices), `obedience` (how well it obeys, heard), `averaging` (of
weights), `checkpoints` (safetensors, resumable), `previews` (audio to listen to);
`low_noise` (what the synthesis makes noise of).
Own music: `recordings` (files of any kind), `hearing` (labels heard), `encoding` (a folder to
latents), `dataset` (as training reads them). `finetune` is a bundle trained on, with either.
Nets are in `nets`. Imports torch, `nets`, `corpus`, `bundle`, `audio`, `timeline`; imported by
`cli` only.
"""
