"""The documents LEC keeps in MongoDB: fields, indexes, labels and scopes; no queries, no jobs."""
