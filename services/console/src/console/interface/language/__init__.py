"""The languages of the pages, and the words for codes, dates and problems."""
