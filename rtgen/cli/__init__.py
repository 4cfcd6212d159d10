"""The command line: one file per group of verbs, heavy imports inside the functions.

What lives here: `main` (the app and its one way to fail), `settings` (how `--set` is read),
`optional_value` (`--web` alone), `targets` (files about to be written), `play`, `ways` (the ways
out it was asked for), `live` (what goes on while it plays), `hands` (what steers it), `outside`
(OSC, Link, the page), `meters_view`, `render` and `render_jobs`, `performances` (kept as MIDI
files), `listing`, `models` (here and elsewhere) and its `models_view`, `bench`, `midi`, `presets`,
`osc`, `serve` (the engine behind the plugins), `page_stream` (its page's own stream), `plugin` (put
them where hosts look), `make` (corpus, training, export), `own` (music of your own), `attuning` (a
model that is heard as it is asked), `settling` (a decoder trained on), `importing` (models of
others), `evaluate` (a model's report), `doctor` and its `checks` (can it play here). The only room
that prints or exits. Nobody imports it.
"""
