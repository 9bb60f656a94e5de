"""One alert of the demo, its lists cut to their first rows, numbers rounded."""

from typing import Any

ALERT: dict[str, Any] = {
    "alert_id": "196ccaf6-5f93-5ace-a299-6af4f2546e59",
    "run_id": "2025-12-31-2a46b211",
    "buyer_id": "B0000003",
    "name": "Ateliers Bréssac SAS",
    "as_of_date": "2025-12-31",
    "kind": "limit_use",
    "rules": ["limit_use", "stale_accounts", "limit_raise"],
    "before": {
        "as_of_date": "2025-09-30",
        "default_probability": 0.002,
        "log_odds": -6.2198,
        "grade": "3",
        "limit_in_force": 7000.0,
        "limit_use": 0.0,
        "open_amount": 0.0,
        "overdue_amount": 0.0,
        "expected_loss": 7.1486,
        "accounts_age_months": 15.0144,
    },
    "after": {
        "as_of_date": "2025-12-31",
        "default_probability": 0.0018,
        "log_odds": -6.3307,
        "grade": "3",
        "limit_in_force": 7000.0,
        "limit_use": 0.9656,
        "open_amount": 6759.41,
        "overdue_amount": 6759.41,
        "expected_loss": 9.5995,
        "accounts_age_months": 18.037,
    },
    "limit_proposed": 9000.0,
    "currency": "EUR",
    "change": {
        "log_odds": -0.1109,
        "model": 0.0,
        "model_changed": False,
        "topics": [
            {
                "topic": "context",
                "label": {"en": "Sector and country", "fr": "Secteur et pays"},
                "log_odds": -0.1653,
            },
            {
                "topic": "overdue",
                "label": {"en": "Overdue balance", "fr": "Encours échu"},
                "log_odds": 0.0747,
            },
        ],
    },
    "text": {
        "en": "6 759 EUR owed for a limit of 7 000 EUR; last accounts are 18 months old; a "
        "limit of 9 000 EUR instead of 7 000 EUR is possible. Default probability 0.20 % → 0.18 %, "
        "grade 3 → 3. Moved by: Sector and country −0.17, Overdue balance +0.07, "
        "Payment behaviour −0.05, others +0.03 (= −0.11 log-odds).",
        "fr": "6 759 EUR dus pour une limite de 7 000 EUR; les derniers comptes ont 18 mois; "
        "une limite de 9 000 EUR au lieu de 7 000 EUR est possible. Probabilité de défaut 0,20 % "
        "→ 0,18 %, note 3 → 3. Dû à : Secteur et pays −0,17, Encours échu +0,07, "
        "Comportement de paiement −0,05, autres +0,03 (= −0,11 log-odds).",
    },
    "action": {
        "code": "confirm_raise",
        "en": "Confirm the raise to 9 000 EUR, or leave the limit as it is",
        "fr": "Confirmer la hausse à 9 000 EUR, ou laisser la limite en l'état",
    },
    "raised_at": "2026-11-25T21:15:19.075+00:00",
    "sequence": 1,
    "state": "open",
    "assignee": None,
    "snoozed_until": None,
}
