"""`make bench`: LEC beside the same pages by hand and beside Flask-Admin, measured together on one large country."""
