"""The foundation of commands on files: command line, tables, safe counts and proportional shares."""
