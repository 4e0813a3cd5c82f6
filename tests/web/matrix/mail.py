"""How the routes about mails themselves are called: what came back, and reminders that end."""

from tests.web.matrix.call import Call
from tests.web.matrix.law import About

CALLS: dict[str, tuple[Call, ...]] = {
    "POST /hooks/mail/{provider:str}": (Call(),),
    "POST /mail-off/{secret:str}": (Call(form={}),),
    "POST /account/reminders": (Call(form={}),),
    "POST /account/shortcuts": (Call(form={"shortcuts": "yes"}),),
    "POST /account/mail": (Call(form={"routine": "digest"}),),
    "GET /api/v1/account/mail": (Call(),),
    "PUT /api/v1/account/mail": (Call(json={"routine": "digest"}),),
    "POST /organizations/{org_id:uuid}/reminders": (
        Call(form={}, about=About.AGENCY, records={"org_id": "agency_id"}),
    ),
}
