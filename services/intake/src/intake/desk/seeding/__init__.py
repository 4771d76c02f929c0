"""Invented people for benchmarks, training and load tests, made by the code that registers real ones."""
