"""How the routes of a patient's page are called; nobody in the table has entered its code."""

from tests.web.matrix.call import Call

CALLS: dict[str, tuple[Call, ...]] = {
    "POST /p/{secret:path}": (Call(form={}),),
    "POST /p/code": (Call(form={}),),
    "POST /p/verify": (Call(form={}),),
    "POST /p/answer": (Call(form={"answer": "helped-1", "nonce": "n0nce"}),),
    "POST /p/stop": (Call(form={"nonce": "n0nce"}),),
    "POST /p/exit": (Call(form={}),),
}
