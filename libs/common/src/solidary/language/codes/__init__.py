"""The code lists that every service uses, one module each.

In events and stored rows a code is an open string: a reader may meet codes of a newer list or of another country, and
passes them on unchanged. These classes are for writing codes and for displaying them.
"""
