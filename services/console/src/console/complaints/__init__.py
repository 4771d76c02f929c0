"""The pages of complaints for the agency: filing one at the desk, and answering them."""
