"""Everything that can go wrong, against the real program and the sandbox: `make fault`.

table, rows, rows_*, kills    the faults: how each is armed and what must come of it
case, programs                one fault tried once: programs started, signals sent, what they did collected
lane                          a sandbox of one's own; several stand beside each other
auditor, documents, witness   what really became of it, by the sandbox's word and not by the program's
report                        a line for each fault, the summary, build/fault.json
preload.c                     makes the local machine fail: SIGKILL at a synced line, disk, clock, short calls
suite.c                       what the containers run
"""
