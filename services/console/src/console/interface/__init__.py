"""The form of the pages: languages, labels, forms, templates."""
