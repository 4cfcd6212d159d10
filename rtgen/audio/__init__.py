"""Signals: the synthesis of decoded frames, resampling, sound files.

What lives here: `synthesis` (decoded frames to samples), made of `tone_frames` and `noise_frames`,
`amplitudes`, `carriers` (frequencies and exact phases), `noise_table`, `low_band`, `scratch`;
`spectra` (magnitudes and phases to samples), `resample` (any stretch at another rate), `log_mel`
(pictures), `files`.
Pure functions on numpy arrays; transforms and overlapping are compiled, in `rtgen._bridge`.
Imports `timeline` and `errors` only; any room above may import it.
"""
