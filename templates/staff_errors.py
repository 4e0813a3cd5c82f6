"""What to do about a field, in forms that only people with an account meet."""

from templates.consent_words import mark

STAFF_ERRORS: dict[str, str] = {
    "sign_in.wrong": mark("The address, the password or the code is not right"),
    "password.missing": mark("Enter your password"),
    "totp.missing": mark("Enter the code from your authenticator app"),
    "find_family.missing": mark("Give something to look for"),
    "find_initial.missing": mark("Give the first letter of the given name"),
    "patient_id.alike": mark("Somebody very like this is registered: choose, or confirm"),
    "confirm_another.open_already": mark(
        "The same kind of help is asked for already: follow that one, or confirm another"
    ),
    "table.missing": mark("Choose the file"),
    "never_open": mark("Give at least one day with hours"),
    "before_opening": mark("Give a time after the opening"),
    "not_those": mark("These are not the words of an open request here. Look at their text again"),
    "not_a_hundred": mark("Give out 100 in all"),
    "chosen_meanwhile": mark("Somebody chose otherwise meanwhile. Look again, then choose"),
    "not_open": mark("Not every answer was needed: see below"),
    "nothing_answered": mark("Answer at least one request"),
    "nothing_marked": mark("Mark at least one appointment"),
    "chosen.missing": mark("Choose at least one referral"),
    "member_id.choose_one": mark("Choose who answers for them"),
    "until.choose_one": mark("Choose how long"),
    "spoke_to.missing": mark("Say who gave the answer"),
    "source.missing": mark("Say how the answer came"),
    "resolution.choose_one": mark("Say what was done"),
    "service_id.missing": mark("Choose whom to send this to"),
    "patient_id.missing": mark("Choose a patient, or add a new one"),
    "given_name.missing": mark("Give the patient's given name"),
    "family_name.missing": mark("Give the patient's family name"),
    "birth_date.missing": mark("Give the date of birth"),
    "birth_date.invalid": mark("Give the date of birth as a day, month and year"),
    "question.missing": mark("Say in one line what you ask for"),
    "consent_basis.missing": mark("Say on what basis this may be shared"),
    "to.missing": mark("Choose whom to write to"),
    "subject.missing": mark("Say in a few words what it is about"),
    "text.missing": mark("Write something"),
    "words.missing": mark("Say why they are let in"),
    "guest.missing": mark("Choose an organization"),
    "history.choose_one": mark("Say how much of the past they get"),
    "since.choose_one": mark("Choose the first message they get"),
    "name_1.missing": mark("Name at least one person who answers requests"),
    "phone_number": mark(
        "Give a number with its area code, such as (503) 555-0100, or with its country"
    ),
    "witness": mark("Choose somebody else here who heard it"),
}
"""By field and code, or by code alone, as `templates.words` joins them with the others."""
