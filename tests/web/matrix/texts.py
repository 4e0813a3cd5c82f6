"""How the pages about a patient's contacts and their phones are called in the matrix."""

from tests.web.matrix.call import Call

_WHO = {"relation": "self", "language": "en", "name": "Nobody", "phone": "no number"}
_LEAVE = {"how": "form", "given_by": "self", "nonce": "{nonce}"}
_AT = "/patients/{patient_id:uuid}/contacts"

CALLS: dict[str, tuple[Call, ...]] = {
    f"POST {_AT}": (Call(form=_WHO | {"nonce": "{nonce}"}),),
    f"POST {_AT}/{{contact_id:uuid}}": (Call(form=_WHO | {"seen": "99"}),),
    f"POST {_AT}/{{contact_id:uuid}}/remove": (Call(form={}, spends=("contact_id",)),),
    f"POST {_AT}/{{contact_id:uuid}}/texts": (Call(form=_LEAVE),),
    f"POST {_AT}/{{contact_id:uuid}}/reopen": (Call(form=_LEAVE),),
    "POST /patients/{patient_id:uuid}/safe-contact": (
        Call(form={"seen": "99", "from_hour": "8", "to_hour": "21"}),
    ),
}
