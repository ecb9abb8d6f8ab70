"""The benchmark of the collector itself: `make bench`. docs/benchmarks.md says what each figure means."""
