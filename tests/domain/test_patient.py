"""What a referral's fact row keeps of a patient, in the clear: codes and a band."""

from datetime import date

from service.domain.patient import Identity, Name, strata

DAY = date(2026, 3, 2)


def test_a_fact_row_keeps_codes_and_no_words():
    born = Identity(
        name=Name(family="Vega Soto", given=("Elena",)),
        birth_date=date(1961, 5, 2),
        sex="see the note: lives with HIV",
        race=("2106-3", "Elena says she is Mixtec"),
        ethnicity="2135-2",
        payer_kind="medicaid",
    )
    assert strata(born, day=DAY) == {
        "age_band": "45-64",
        "language": "en",
        "sex": None,
        "race": ["2106-3"],
        "ethnicity": "2135-2",
        "payer_kind": "medicaid",
    }
