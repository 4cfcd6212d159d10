"""Fuzzing: whatever reads what strangers wrote, fed with bytes until something gives.

    python -m tests.fuzz [TARGET...] --seconds 60    (make fuzz FUZZ_SECONDS=60)

`targets` is the table. A target in Python is a module here with `one_input(data)`, and perhaps
`mutate`; atheris runs it, in the process that `child` is. A target in C++ is a program of
plugin_bridge/tests/fuzz. `walls` holds what every target in Python demands: only refusals of ours,
in one sentence, and nothing written. `campaign` runs them, `corpus/` keeps the inputs that reach
most, and those that once broke something; `test_corpus` runs each of them once, and `reached` says
how much of a reader they reach.
"""
