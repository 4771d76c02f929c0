"""The code lists: those of the platform, those of the desk, and those of the country pack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from solidary.language.codes.code_list import CodeList
from solidary.language.codes.languages import Language
from solidary.language.codes.need_categories import NeedCategory
from solidary.language.codes.pathways import PathwayKind
from solidary.language.codes.people import AgeBand, Community, Mobility, PopulationGroup, Sex
from solidary.language.codes.perspectives import Perspective
from solidary.language.codes.referral_answers import ReferralOutcome, RejectionReason
from solidary.language.codes.specific_needs import load_specific_needs
from solidary.language.codes.urgency import Urgency
from solidary.language.codes.wording import Wording
from solidary.language.country import CountryPack

from intake.centres.places.rules import CentreKind, DeskService
from intake.centres.queue.rules import TicketState
from intake.complaints.cases.rules import ComplaintChannel, ComplaintState
from intake.desk.procedures.rules import ProcedureState
from intake.sharing.consents.rules import ConsentChannel, LegalBasis, Purpose
from intake.sharing.packages.rules import DataCategory
from intake.statistics.codes.schemas import CodeListOut, CodeListsOut, CodeOut

LISTS: tuple[type[CodeList], ...] = (
    *(Language, Sex, AgeBand, PopulationGroup, Community, Mobility),
    *(NeedCategory, PathwayKind, Perspective, Urgency, RejectionReason, ReferralOutcome),
    *(Purpose, LegalBasis, ConsentChannel, DataCategory, ProcedureState),
    *(CentreKind, DeskService, TicketState, ComplaintState, ComplaintChannel),
)


def code_lists(country: CountryPack) -> CodeListsOut:
    """Return all code lists."""
    return CodeListsOut(country=country.code, items=list(_lists(country)))


def _lists(country: CountryPack) -> Iterator[CodeListOut]:
    for each in LISTS:
        yield _list(_name(each), {code: code.wording for code in each})
    needs = load_specific_needs()
    ordinary = sorted(needs.suggestible_codes())
    yield _list("specific_need", {code: needs.codes[code].wording for code in ordinary})
    yield _list("document", {code: document.name for code, document in country.documents.items()})
    kinds = country.complaints.kinds
    yield _list("complaint_kind", {code: kind.name for code, kind in kinds.items()})
    yield _list("pathway", {code: pathway.title for code, pathway in country.pathways.items()})


def _name(codes: type[CodeList]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", codes.__name__).lower()


def _list(name: str, codes: Mapping[str, Wording]) -> CodeListOut:
    return CodeListOut(
        name=name,
        codes=[CodeOut(code=code, es=wording.es, en=wording.en) for code, wording in codes.items()],
    )
