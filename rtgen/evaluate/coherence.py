"""How long a stream stays the piece that it is.

Two windows of one stream are compared at every distance in time, on the scale of how far apart
windows of different streams are: 1 is the same sound, 0 as far as from another piece. Pieces change
their arrangement more than they differ from each other, so a probe also asks whether a stream is
still known by its end to one who has only heard its beginning.
"""

from __future__ import annotations

import numpy as np

from rtgen.evaluate.embeddings import WINDOW_SECONDS, Floats, Points

STEP_SECONDS = WINDOW_SECONDS
"""Windows of a stream do not overlap."""
NEAR_SECONDS = 15.0
THIRDS = 3


def distances(a: Points, b: Points) -> Floats:
    """Euclidean distances (len(a), len(b))."""
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(a, b))


def coherence(streams: list[Points]) -> Floats:
    """1 - distance within / distance between, by lag in windows from 1 on.

    Parameters
    ----------
    streams : at least two, (windows, dimensions) each of equal length, evenly spaced in time.
    """
    others = [
        distances(streams[i], streams[j]).mean() for i in range(len(streams)) for j in range(i)
    ]
    between = float(np.mean(others))
    tables = [distances(s, s) for s in streams]
    windows = min(map(len, streams))
    within = [
        np.mean([np.diagonal(table, lag).mean() for table in tables]) for lag in range(1, windows)
    ]
    return 1 - np.array(within) / max(between, 1e-12)


def near_and_far(curve: Floats) -> tuple[float, float]:
    """Mean coherence up to 15 s, and over lags of more than half the stream.

    The longest tenth of the lags, of which there are few pairs, is left out.
    """
    near = max(round(NEAR_SECONDS / STEP_SECONDS), 1)
    far = curve[len(curve) // 2 : max(round(0.9 * len(curve)), len(curve) // 2 + 1)]
    return float(curve[:near].mean()), float(far.mean())


def recognised(streams: list[Points]) -> float:
    """Share of windows in the last third of every stream that a linear probe assigns to their
    stream, having been shown the first third of all; chance is one over the number of streams."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    third = min(map(len, streams)) // THIRDS
    names = np.repeat(np.arange(len(streams)), third)
    first = np.concatenate([s[:third] for s in streams])
    last = np.concatenate([s[-third:] for s in streams])
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(first, names)
    return float(probe.score(last, names))
