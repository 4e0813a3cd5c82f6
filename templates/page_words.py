"""The words of the patient's page, and for what a patient has said."""

from templates.consent_words import mark

PAGE: dict[str, dict[str, str]] = {
    "page_stage": {
        "on_its_way": mark("Your request is on its way"),
        "taken_on": mark("Somebody has taken on your request"),
        "waiting_list": mark("You are on a waiting list"),
        "booked": mark("You have an appointment"),
        "day_over": mark("The day of your appointment is over"),
        "new_day": mark("You need a new appointment"),
        "being_helped": mark("You are being helped"),
        "looking": mark("We are looking for somebody who can help"),
        "done": mark("They tell us that they have helped you"),
        "closed": mark("Your request is closed"),
    },
    "page_next": {
        "on_its_way": mark("We have asked and wait for an answer. You do not have to do anything."),
        "taken_on": mark("They will call you to find a day. You do not have to do anything."),
        "waiting_list": mark("They will call you when it is your turn."),
        "booked": mark("Tell us whether you will come."),
        "day_over": mark("Tell us how it went."),
        "new_day": mark("They will call you to find another day."),
        "being_helped": mark("Tell us if it does not help."),
        "looking": mark("The first place could not help. We ask another. It is not your fault."),
        "done": mark("Tell us whether that is so."),
        "closed": mark("If you still need help, tell us."),
    },
    "page_ask": {
        "confirm": mark("Will you come?"),
        "seen": mark("Were you seen?"),
        "helped": mark("Did you get help?"),
        "barrier": mark("What is in your way?"),
    },
    "page_answer": {
        "confirm-1": mark("I will come"),
        "confirm-2": mark("I need another time"),
        "seen-1": mark("Yes, I was seen"),
        "seen-2": mark("No, I was not seen"),
        "helped-1": mark("I got help"),
        "helped-2": mark("I got some help"),
        "helped-3": mark("I did not get help"),
        "barrier-1": mark("A ride"),
        "barrier-2": mark("The cost"),
        "barrier-3": mark("I could not reach them"),
        "barrier-4": mark("I do not need it any more"),
    },
    "page_done": {
        "answer": mark("We wrote that down. If somebody has to do something, they will."),
        "stop": mark("We text this phone no more."),
    },
    "claim": {
        "confirm-yes": mark("I will come"),
        "confirm-another_time": mark("I need another time"),
        "seen-yes": mark("I was seen"),
        "seen-no": mark("I was not seen"),
        "helped-yes": mark("I got help"),
        "helped-partly": mark("I got some help"),
        "helped-no": mark("I did not get help"),
        "barrier-ride": mark("I need a ride"),
        "barrier-cost": mark("The cost is in my way"),
        "barrier-not_reached": mark("I could not reach them"),
        "barrier-not_needed": mark("I do not need it any more"),
    },
    "claim_source": {"sms": mark("by text"), "page": mark("on their page")},
}
"""Lists by name, as `templates.words` joins them with the others."""
