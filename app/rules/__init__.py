"""Pure rules of the domain: arithmetic and checks without database, web or clock."""
