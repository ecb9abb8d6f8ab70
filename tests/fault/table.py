"""The table of faults, but for those at the program's own states: they are in kills.py."""

from fault import rows_cloud, rows_here, rows_machine

ROWS = (*rows_cloud.ROWS, *rows_machine.ROWS, *rows_here.ROWS)
