"""The languages spoken at the front desks of the region."""

from __future__ import annotations

from solidary.language.codes.code_list import CodeList


class Language(CodeList):
    """A language by its ISO 639-3 code."""

    SPANISH = "spa", "Español", "Spanish"
    ENGLISH = "eng", "Inglés", "English"
    HAITIAN_CREOLE = "hat", "Criollo haitiano", "Haitian Creole"
    WAYUU = "guc", "Wayuunaiki", "Wayuu"
    AWA = "kwi", "Awapit", "Awa"
    GUNA = "cuk", "Guna (San Blas)", "San Blas Guna"
    EMBERA = "emp", "Emberá del norte", "Northern Emberá"
    CUSCO_QUECHUA = "quz", "Quechua de Cusco", "Cusco Quechua"
    AYACUCHO_QUECHUA = "quy", "Quechua de Ayacucho", "Ayacucho Quechua"
    AYMARA = "ayr", "Aimara central", "Central Aymara"
    SHIPIBO = "shp", "Shipibo-Konibo", "Shipibo-Conibo"
