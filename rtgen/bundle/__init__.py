"""Model bundles: a folder with a manifest, ONNX files, a card and checksums.

What lives here: `manifest` (the schema), `half_windows` (that of imported
models), `kinds` (which of the two), `formats` (which files a bundle may hold), `onnx_guard` (what a
graph may hold), `load` (check all, then open), `library` (find by name), `write` (used by export). Imports `errors` and `paths` only.
"""
