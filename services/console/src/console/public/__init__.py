"""The pages for everybody, without a login and without a cookie: what to do, where to go, how to complain."""
