"""From a preview to rosters and back: a school in one transaction, or in batches that resume."""
