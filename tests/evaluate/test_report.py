"""The report says what was found, in every embedding, and hides nothing that is missing."""

from __future__ import annotations

import json

from rtgen.bundle.load import Bundle
from rtgen.evaluate.evaluation import Evaluation
from rtgen.evaluate.figures import SECTIONS
from rtgen.evaluate.report import as_json, as_markdown
from rtgen.evaluate.settings import Settings


def found(bundle: Bundle) -> Evaluation:
    made = Evaluation(bundle, Settings.quick(), ["texture", "vggish"])
    made.add(
        {
            "model": {
                "tempo_librosa": 0.984,
                "beat_offset_ms": float("nan"),
                "fad:texture": 13.46,
                "fad:vggish": 2.04,
            },
            "corpus": {"tempo_librosa": 1.0, "beat_offset_ms": 5.02},
        }
    )
    made.add({"model": {"true_peak_db": float("-inf")}})
    factors = {"median": 321.4, "min": 300.0, "max": 330.0, "runs": 5}
    made.speed = {"decoder alone, one thread": {"fp32": factors, "int8": factors}}
    made.notes.append("No row for the autoencoder: there is none.")
    return made


def test_only_systems_that_were_measured_have_columns(tiny: Bundle) -> None:
    text = as_markdown(found(tiny), [])
    assert "| | model | corpus | better |" in text
    assert "shuffled" not in text.split("## Does it obey?")[0]
    assert "> No row for the autoencoder: there is none." in text


def test_cells_say_percents_digits_and_what_is_missing(tiny: Bundle) -> None:
    lines = as_markdown(found(tiny), []).splitlines()
    assert "| tempo within 2 %, librosa | 98.4 % | 100.0 % | higher |" in lines
    assert "| low onsets from the beat, median, ms | n/a | 5.0 | lower |" in lines


def test_every_embedding_has_its_table(tiny: Bundle) -> None:
    text = as_markdown(found(tiny), ["plot.png"])
    ours, theirs = (text.split(f"## Does it sound like the corpus? ({name})")[1]
                    for name in ("texture", "vggish"))  # fmt: skip
    assert "| Frechet distance | 13.5 | n/a | lower |" in ours
    assert theirs.index("| Frechet distance | 2.0 | n/a | lower |") < theirs.index("## Do styles")
    assert text.rstrip().endswith("![plot.png](plot.png)")


def test_speed_has_a_row_for_each_precision(tiny: Bundle) -> None:
    text = as_markdown(found(tiny), [])
    for precision in ("fp32", "int8"):
        assert f"| decoder alone, one thread | {precision} | 321 | 300 to 330 |" in text


def test_json_is_json_even_where_a_figure_is_no_number(tiny: Bundle) -> None:
    data = json.loads(json.dumps(as_json(found(tiny)), allow_nan=False))
    assert data["figures"]["model"]["beat_offset_ms"] is None
    assert data["figures"]["model"]["true_peak_db"] is None
    assert data["settings"]["clips"] == Settings.quick().clips


def test_no_figure_is_listed_twice() -> None:
    keys = [figure.key for section in SECTIONS for figure in section.figures]
    assert len(keys) == len(set(keys))
