"""What an operator sees: heartbeats of workers and beat, metrics, log lines, reports of faults."""
