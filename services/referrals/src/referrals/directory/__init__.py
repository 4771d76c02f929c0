"""The service directory: HSDS 3.1 objects, read and checked before anything is made of them."""
