"""Flask-AppBuilder on MongoEngine: data interface, filters, forms, views and security in MongoDB."""
