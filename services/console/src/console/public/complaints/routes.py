"""The public pages of complaints: the form, the receipt, the status by code, and the appeal."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter
from solidary.platform.web import public, public_form
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.complaints.fields.entries import LANGUAGE_CODES, complaint_fields
from console.interface.forms.form import Field, Form
from console.interface.language.catalogue import mark
from console.public.frame.page import AnyGuest

router = APIRouter(include_in_schema=False)
CODE = Field("code", mark("Code"), "/code", required=mark("Enter the code of your complaint."))
APPEAL = Field(
    "text",
    mark("Why are you not satisfied?"),
    "/text",
    "textarea",
    required=mark("Write why you are not satisfied."),
)


async def _form(guest: AnyGuest) -> Form:
    listed = await guest.services.get("intake", "/public/centres")
    return Form(complaint_fields(listed["items"], guest.language, guest.country))


def _show(guest: AnyGuest, form: Form) -> Response:
    return guest.form_page("public_complaint.html", form)


@router.get("/help/complaint")
@public
async def show_form(guest: AnyGuest) -> Response:
    """Show the form of a complaint."""
    return _show(guest, await _form(guest))


@router.post("/help/complaint")
@public_form
async def file_complaint(guest: AnyGuest) -> Response:
    """File the complaint and show its code, which no later page shows."""
    form = await _form(guest)
    form.read(guest.form)
    if form.is_faulty:
        return _show(guest, form)
    body = {"reference": guest.key or str(uuid4()), "language": LANGUAGE_CODES[guest.language], **form.body()}
    try:
        receipt = await guest.services.post("intake", "/public/complaints", body)
    except ServiceProblem as problem:
        form.take_problem(problem)
        return _show(guest, form)
    return guest.page("complaint_receipt.html", receipt=receipt, back="/help")


@router.get("/help/status")
@public
async def show_status_form(guest: AnyGuest) -> Response:
    """Show the form for the code."""
    return guest.form_page("public_status.html", Form((CODE,)), status_of=None)


@router.post("/help/status")
@public_form
async def show_status(guest: AnyGuest) -> Response:
    """Show what the code shows. The code is in no address."""
    form = Form((CODE,))
    form.read(guest.form)
    if form.is_faulty:
        return guest.form_page("public_status.html", form, status_of=None)
    try:
        found = await guest.services.post("intake", "/public/complaints/status", form.body())
    except ServiceProblem as problem:
        _take_problem(form, problem)
        return guest.form_page("public_status.html", form, status_of=None)
    return guest.form_page("public_status.html", Form((APPEAL,)), status_of=found, code=form.values["code"])


@router.post("/help/appeal")
@public_form
async def appeal(guest: AnyGuest) -> Response:
    """Appeal against the answer, and show the new state."""
    form, code = Form((APPEAL,)), str(guest.form.get("code", ""))[:60]
    form.read(guest.form)
    found = None
    try:
        if not form.is_faulty:
            body = {"code": code, **form.body()}
            found = await guest.services.post("intake", "/public/complaints/appeal", body)
    except ServiceProblem as problem:
        _take_problem(form, problem)
    try:
        found = found or await guest.services.post("intake", "/public/complaints/status", {"code": code})
    except ServiceProblem as problem:
        again = Form((CODE,))
        _take_problem(again, problem)
        return guest.form_page("public_status.html", again, status_of=None)
    return guest.form_page("public_status.html", form, status_of=found, code=code)


def _take_problem(form: Form, problem: ServiceProblem) -> None:
    form.take_problem(problem)
    if problem.slug == "not-found":
        form.title = mark("There is no complaint with this code")
        form.action = mark(
            "Check each letter and digit. They are on the paper or the page that you were given."
        )
