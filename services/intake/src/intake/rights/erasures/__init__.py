"""Erasures: nobody reads or finds a person any more, in the database nor in a restored backup."""
