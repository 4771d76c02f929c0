"""The pages that people use, made on the server and usable without JavaScript."""
