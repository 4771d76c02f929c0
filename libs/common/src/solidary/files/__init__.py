"""The foundation of commands on files: command line, tables, JSON, CEL, counts and apportionment."""
