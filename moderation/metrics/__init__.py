"""Prometheus counters of each process: requests, scores, verdicts, work done."""
