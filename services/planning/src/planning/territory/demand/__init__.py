"""What people came for, as intake counts it: figures of k people or more, never of one."""
