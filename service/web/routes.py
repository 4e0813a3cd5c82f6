"""Every route of the service, room by room; a new room adds its handlers here."""

from litestar.handlers import HTTPRouteHandler

from service.web import assets, health, routing, viewer
from service.web.api import (
    api_keys,
    directory,
    disclosures,
    links,
    members,
    organizations,
    passkeys,
    passwords,
    patient_files,
    patients,
    recovery_codes,
    referrals,
    sign_in,
    sign_ins,
    steps,
    threads,
    work,
    workers,
)
from service.web.pages import (
    dev,
    forgotten,
    invitation,
    link,
    link_act,
    link_visit,
    staff,
    staff_account,
    staff_door,
    staff_home,
    staff_new,
    staff_parked,
    staff_people,
    staff_prove,
    staff_referral,
    staff_tasks,
    staff_thread_new,
    staff_threads,
)

EVERY: tuple[HTTPRouteHandler, ...] = (
    *health.HANDLERS,
    *assets.HANDLERS,
    *viewer.HANDLERS,
    *sign_in.HANDLERS,
    *sign_ins.HANDLERS,
    *passkeys.HANDLERS,
    *passwords.HANDLERS,
    *recovery_codes.HANDLERS,
    *api_keys.HANDLERS,
    *organizations.HANDLERS,
    *workers.HANDLERS,
    *members.HANDLERS,
    *directory.HANDLERS,
    *patients.HANDLERS,
    *patient_files.HANDLERS,
    *disclosures.HANDLERS,
    *referrals.HANDLERS,
    *steps.HANDLERS,
    *threads.HANDLERS,
    *work.HANDLERS,
    *links.HANDLERS,
    *link.HANDLERS,
    *link_act.HANDLERS,
    *link_visit.HANDLERS,
    *dev.HANDLERS,
    *invitation.HANDLERS,
    *forgotten.HANDLERS,
    *staff.HANDLERS,
    *staff_door.HANDLERS,
    *staff_account.HANDLERS,
    *staff_prove.HANDLERS,
    *staff_parked.HANDLERS,
    *staff_home.HANDLERS,
    *staff_new.HANDLERS,
    *staff_people.HANDLERS,
    *staff_referral.HANDLERS,
    *staff_tasks.HANDLERS,
    *staff_thread_new.HANDLERS,
    *staff_threads.HANDLERS,
)


def of(*, demo: bool) -> list[HTTPRouteHandler]:
    """List the routes; those for demonstrations exist in a demonstration only."""
    said = [(handler, routing.operation_of(handler)) for handler in EVERY]
    return [handler for handler, operation in said if demo or not (operation and operation.demo)]
