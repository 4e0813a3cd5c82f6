"""How the routes of a patient's page and of kept forms are called.

Nobody in the table has entered the code of a patient's page.
"""

from tests.web.matrix.call import Call

_NEW = {"of": "/referrals/new"}
CALLS: dict[str, tuple[Call, ...]] = {
    "POST /p/{secret:path}": (Call(form={}),),
    "POST /p/code": (Call(form={}),),
    "POST /p/verify": (Call(form={}),),
    "POST /p/answer": (Call(form={"answer": "helped-1", "nonce": "n0nce"}),),
    "POST /p/stop": (Call(form={"nonce": "n0nce"}),),
    "POST /p/exit": (Call(form={}),),
    "POST /referrals/{referral_id:uuid}/track": (Call(form={}),),
    "POST /drafts": (Call(form=_NEW),),
    "POST /drafts/drop": (Call(form=_NEW),),
}
