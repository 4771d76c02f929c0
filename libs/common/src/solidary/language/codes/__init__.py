"""The code lists that every service uses, one module each.

In events and stored rows a code is an open string: a reader meets codes it does not know, from a newer list
or another country, and carries them on. These classes are for writing codes and for showing them.
"""
