"""How vulnerable a household is, by the World Food Programme's measures: FCS, rCSI, MEB classes, CARI."""
