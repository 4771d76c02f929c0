"""The kinds of pathway on which people are guided. Each country pack has its own pathways of these kinds."""

from __future__ import annotations

from solidary.language.codes.code_list import CodeList


class PathwayKind(CodeList):
    """A kind of legal way through an institution."""

    ASYLUM = "asylum", "Solicitud de la condición de refugiado", "Asylum procedure"
    REGULARISATION = "regularisation", "Regularización migratoria", "Migration regularisation"
    SPECIAL_PERMIT = "special_permit", "Permiso especial de permanencia", "Special permit of permanence"
    LATE_BIRTH_REGISTRATION = (
        "late_birth_registration",
        "Inscripción tardía de niñas y niños nacidos en el exterior",
        "Late registration of children born abroad",
    )
    CIVIL_REGISTRATION = "civil_registration", "Registro civil", "Civil registration"
    HEALTH_ACCESS = "health_access", "Acceso a la salud", "Access to health care"
    EDUCATION_ACCESS = "education_access", "Acceso a la educación", "Access to education"
    LEGAL_ASSISTANCE = "legal_assistance", "Asistencia legal", "Legal assistance"
