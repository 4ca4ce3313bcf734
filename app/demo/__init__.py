"""Made-up data for demonstrations, benchmarks and tests; the same seed gives the same data."""
