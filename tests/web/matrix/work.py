"""How the pages of work are called in the matrix, and those of mails, systems and what is stuck."""

from tests.web.matrix import mail, pages, settings, stuck, systems, texts
from tests.web.matrix.call import Call

CALLS: dict[str, tuple[Call, ...]] = {
    **mail.CALLS,
    **pages.CALLS,
    **settings.CALLS,
    **stuck.CALLS,
    **systems.CALLS,
    **texts.CALLS,
    **{f"POST /lists/{act}": (Call(form={}),) for act in ("assign", "remind", "snooze", "export")},
    "GET /imports": (Call(),),
    "POST /imports": (Call(form={"kind": "members"}),),
    "GET /board": (Call(),),
    "GET /appointments": (Call(),),
    "POST /appointments": (Call(form={}),),
    "POST /lists/saved": (Call(form={"where": "/?view=overdue"}),),
    "POST /lists/saved/{view_id:uuid}/drop": (Call(form={}),),
    "GET /dashboard": (Call(),),
    "GET /dashboard.csv": (Call(),),
    "GET /api/v1/measures/dashboard": (Call(),),
    "GET /tasks/partners/{partner_id:uuid}": (Call(records={"partner_id": "org_id"}),),
    "POST /tasks/partners/{partner_id:uuid}": (Call(form={}, records={"partner_id": "org_id"}),),
    "POST /tasks/{task_id:uuid}/resolve": (Call(form={"resolution": "reached"}),),
}
