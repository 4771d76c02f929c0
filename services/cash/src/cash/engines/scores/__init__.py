"""Vulnerability scores of the World Food Programme: FCS, rCSI, MEB classes and CARI."""
