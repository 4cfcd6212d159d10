"""What benchmarks/soak.py is made of.

`actors` (the processes: JACK server, player, engine, hosts), `board` (what they say of themselves),
`ledger` (faults, underruns and what explains them), `memory` (size and descriptors over time),
`faults` (what is done to whom), `floods` (messages by the thousand, other programs' load).

Threads: the main one does one fault after the other; each process has a reader that puts what it
says on the board; a sampler asks the processes and looks at their size.
"""
