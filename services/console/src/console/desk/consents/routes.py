"""The withdrawal of a consent, which cannot be undone."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Officer
from console.interface.forms.form import Form
from console.interface.language.catalogue import mark

router = APIRouter(include_in_schema=False)


async def _show(visitor: Officer, person_id: UUID, form: Form, consent_id: UUID) -> Response:
    consent = await visitor.services.get("intake", f"/consents/{consent_id}")
    return await visitor.form_page(
        "form.html",
        form,
        caption=visitor.agency_name(consent["recipient"]),
        heading=mark("Withdraw the consent"),
        warning=mark(
            "Open referrals under this consent end at once, and the other agency sees nothing any more."
        ),
        submit=mark("Withdraw the consent"),
        is_final=True,
        back=f"/people/{person_id}",
    )


@router.get("/people/{person_id}/consents/{consent_id}/withdraw")
async def confirm_withdrawal(visitor: Officer, person_id: UUID, consent_id: UUID) -> Response:
    """Ask whether the consent is to end."""
    return await _show(visitor, person_id, Form(()), consent_id)


@router.post("/people/{person_id}/consents/{consent_id}/withdraw")
async def withdraw(visitor: Officer, person_id: UUID, consent_id: UUID) -> Response:
    """End the consent."""
    try:
        await visitor.services.post("intake", f"/consents/{consent_id}/withdraw", key=visitor.key)
    except ServiceProblem as problem:
        form = Form(())
        form.take_problem(problem)
        return await _show(visitor, person_id, form, consent_id)
    return await visitor.go(f"/people/{person_id}#consents", mark("The consent is withdrawn."))
