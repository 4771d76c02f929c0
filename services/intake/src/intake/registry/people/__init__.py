"""People and their households. A person is not a case, and a person's id has no meaning elsewhere."""
