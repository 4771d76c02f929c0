"""People as the desk knows them. A person is not a case, and their id says nothing of them."""
