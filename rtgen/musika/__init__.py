"""The importer of Musika checkpoints (Pasini & Schlüter, ISMIR 2022).

What lives here: `hdf5` (bounded reading of one file, in a child), `weights` (the files of a
checkpoint), `fetching` (those on a hub), `layout` (the published nets as a table), `matching` (a
file's layers to that table), `variants` (which published model it is), `layers` and `nets` (the
same in torch), `convert` (to ONNX and a bundle), `card` (what the bundle says of itself).
A checkpoint is somebody else's file: nothing in it is trusted, nothing of it is executed.
Imports `export`, `bundle` and what lies below; imported by `cli` only. Playing the bundle needs
nothing of this room: see `stream.half_windows`.
"""
