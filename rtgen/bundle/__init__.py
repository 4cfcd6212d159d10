"""Model bundles: a folder with a manifest, ONNX files, a card and checksums.

What lives here: `manifest` (the schema), `half_windows` (that of imported models), `kinds` (which
of the two), `formats` (which files a bundle may hold), `onnx_guard` (what a graph may hold;
`onnx_wire` reads it, `onnx_sizes` follows its sizes), `vouched` (which bundles are known to be
good), `trial` (of all others, in a process of its own), `load` (check all, then open), `library`
(find by name, put in place), `write` (used by export).
Sharing: `places` (how people write where a model is), `source` (a bundle on the other side),
`pull`, `push`, `hub` (through huggingface_hub) and `hub_answers` (what may go wrong there),
`mirror` (any web server), `remote` (how it is asked), `fetch` (a file, with resuming), `card` (what
others read first), `origin` (where a bundle came from). Imports what lies below it only.
"""
