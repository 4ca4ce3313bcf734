"""The REST side of fabmongo: the same documents, scope, rules and writes as the forms, as JSON."""
