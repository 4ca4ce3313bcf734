"""Files of rosters: which layout a sheet has, what its cells mean, what was repaired and what must be asked."""
