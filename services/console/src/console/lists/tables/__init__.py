"""Tables of what a service lists, and the files that they are saved as."""
