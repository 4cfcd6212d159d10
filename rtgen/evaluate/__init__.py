"""How good a bundle is, in figures: what `rtgen evaluate` measures and writes.

What lives here: `settings` (how much is measured, and on which seeds), `meter` (how far it is),
`clips` (corpus and model on the same labels), `systems` (the model and its baselines side by
side); what is heard: `listen` (other people's tools), `heard` and `adherence` (asked against
heard), `embeddings`, their `front_ends` and `gathered` (clips as points), `frechet` and
`distance` (how like the corpus), `styles` (how unlike each other), `coherence` and `seams` over
long `streams`, `levels` (loudness and clipping), `reconstruction` (the autoencoder alone); what is
written: `figures` (the table as data), `evaluation` (all of it in order), `report` (JSON and
Markdown), `plots`.

Imports `stream`, `corpus`, `bundle` and what lies below; imported by `cli` only. It never imports
torch: whoever calls hands in the function that makes the encoder's input.
"""
