"""The phrases of "why is this open?", in every language it is told in.

`{recipient}`, `{sender}` and `{owner}` are names, `{since}` and `{when}` are days as people say.
"""

from collections.abc import Mapping

import msgspec

from service.domain.leg import LegState


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """One language's phrases; `others` holds its singular and its plural."""

    turns: Mapping[LegState, str]
    awaited: str
    review: str
    route: str
    others: tuple[str, str]
    ask_again: str
    remind: str
    second: str
    reports: str
    moves: str
    moves_to_somebody: str
    on_list: str
    right_now: str
    today: str
    yesterday: str
    tomorrow: str
    at: str
    date: str
    days: tuple[str, ...]
    months: tuple[str, ...]


_ANSWER_EN = "{recipient} has not answered since {since}"
_ANSWER_ES = "{recipient} no ha respondido desde {since}"

ENGLISH = Words(
    turns={
        LegState.SENT: _ANSWER_EN,
        LegState.RECEIVED: _ANSWER_EN,
        LegState.NEEDS_INFO: "{recipient} has waited for information from {sender} since {since}",
        LegState.ACCEPTED: "{recipient} accepted it and has made no appointment since {since}",
        LegState.WAITLISTED: "{recipient} has had it on the waiting list since {since}",
        LegState.SCHEDULED: "{recipient} has not said whether the patient was seen {since}",
        LegState.NO_SHOW: "{recipient} has not rebooked the visit missed since {since}",
        LegState.APPT_CANCELLED: "{recipient} has not rebooked the visit cancelled since {since}",
        LegState.IN_SERVICE: "{recipient} has been serving and has not reported since {since}",
        LegState.CANCEL_REQUESTED: "{recipient} has not confirmed the cancellation since {since}",
        LegState.ADDENDUM_REQUESTED: "{recipient} has not sent what was missing since {since}",
    },
    awaited="{recipient} sees the patient {when}",
    review="an outcome is back and {owner} has not reviewed it since {since}",
    route="nobody has been working on it since {since} and {owner} must find a recipient",
    others=("; 1 more recipient is working on it", "; {count} more recipients are working on it"),
    ask_again="; we ask again {when}",
    remind="; we remind {owner} {when}",
    second="; we ask somebody else there {when}",
    reports="; those above {owner} hear of it {when}",
    moves="; {when} it moves to {name}",
    moves_to_somebody="; {when} it moves to a coordinator",
    on_list="; it is on the task list",
    right_now="now",
    today="today",
    yesterday="yesterday",
    tomorrow="tomorrow",
    at="{day} {time}",
    date="{month} {day}",
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
)

SPANISH = Words(
    turns={
        LegState.SENT: _ANSWER_ES,
        LegState.RECEIVED: _ANSWER_ES,
        LegState.NEEDS_INFO: "{recipient} espera información de {sender} desde {since}",
        LegState.ACCEPTED: "{recipient} la aceptó y no ha dado cita desde {since}",
        LegState.WAITLISTED: "{recipient} la tiene en lista de espera desde {since}",
        LegState.SCHEDULED: "{recipient} no ha dicho si hubo cita {since}",
        LegState.NO_SHOW: "{recipient} no ha dado otra cita tras la ausencia desde {since}",
        LegState.APPT_CANCELLED: "{recipient} no ha dado otra cita tras la cancelada desde {since}",
        LegState.IN_SERVICE: "{recipient} atiende el caso y no ha informado desde {since}",
        LegState.CANCEL_REQUESTED: "{recipient} no ha confirmado la cancelación desde {since}",
        LegState.ADDENDUM_REQUESTED: "{recipient} no ha enviado lo que faltaba desde {since}",
    },
    awaited="{recipient} atiende al paciente {when}",
    review="hay un resultado y {owner} no lo ha revisado desde {since}",
    route="nadie se ocupa del caso desde {since} y {owner} debe buscar quien lo atienda",
    others=("; lo atiende 1 destinatario más", "; lo atienden {count} destinatarios más"),
    ask_again="; volvemos a preguntar {when}",
    remind="; se lo recordamos a {owner} {when}",
    second="; preguntamos a otra persona allí {when}",
    reports="; lo sabrá quien supervisa a {owner} {when}",
    moves="; {when} pasa a {name}",
    moves_to_somebody="; {when} pasa a una persona coordinadora",
    on_list="; está en la lista de tareas",
    right_now="ahora",
    today="hoy",
    yesterday="ayer",
    tomorrow="mañana",
    at="{day} a las {time}",
    date="el {day} de {month}",
    days=(
        "el lunes",
        "el martes",
        "el miércoles",
        "el jueves",
        "el viernes",
        "el sábado",
        "el domingo",
    ),
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
)

LANGUAGES: Mapping[str, Words] = {"en": ENGLISH, "es": SPANISH}
"""By language code; every one has a phrase for every live state of a leg."""
