"""Users, roles and permissions of Flask-AppBuilder in MongoDB, and a safe way to sign in."""
