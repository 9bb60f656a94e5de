"""Questions as the documentation shows them; the tests ask exactly these."""

from typing import Any

from serving.answers import LimitDecision
from serving.api.example_decision import DECISION
from serving.kept_answers import PastDecision

BY_ID = {
    "buyer_id": "B0000017",
    "as_of_date": "2025-06-30",
    "requested_amount": 50000,
    "terms_days": 60,
}
BY_FACTS = {
    "as_of_date": "2025-06-30",
    "requested_amount": 25000,
    "facts": {
        "buyer": {
            "buyer_id": "FR-552100554",
            "name": "Ateliers Martin",
            "country": "FR",
            "sector": "C25",
            "entity_type": "company",
            "founded_on": "2009-03-02",
        },
        "statements": [
            {
                "closing_date": "2024-12-31",
                "available_at": "2025-05-20",
                "currency": "EUR",
                "total_assets": 2100000,
                "current_assets": 1200000,
                "current_liabilities": 800000,
                "total_liabilities": 1300000,
                "equity": 800000,
                "revenue": 4200000,
                "ebit": 210000,
                "net_income": 140000,
            }
        ],
        "invoices": [
            {
                "invoice_id": "2025-0412",
                "issued_on": "2025-04-12",
                "due_on": "2025-05-12",
                "paid_on": "2025-05-30",
                "amount": 18400,
                "currency": "EUR",
            }
        ],
    },
}

LIMIT = {**BY_ID, "requested_amount": 150000}
BY_NAME = {**LIMIT, "lookup": {"name": "Software Harrowwell", "country": "US"}}
del BY_NAME["buyer_id"]

EVENT = {
    "buyer_id": "B0000017",
    "supplier_id": "S0000002",
    "invoice_id": "2025-0412",
    "event_date": "2025-05-12",
    "known_on": "2025-06-12",
    "amount": 18400,
    "currency": "EUR",
}
DECLARATION = {
    "declaration_id": "6e1d2a52-9bb0-4f5c-a3c3-24ffbf2f4a55",
    "kind": "claim",
    **EVENT,
    "disputed": False,
    "validity": "pending",
    "note": None,
    "declared_at": "2025-06-12T08:30:00Z",
    "declared_by": "erp",
    "reviewed_at": None,
    "reviewed_by": None,
}
OVERRIDE = {
    "buyer_id": "B0000017",
    "limit": 40000,
    "reason": "the parent company guarantees in writing",
    "valid_from": "2025-06-30",
    "expires_on": "2025-12-31",
}
GRADE_OVERRIDE = {
    "buyer_id": "B0000017",
    "grade": "7",
    "reason": "lost its main customer",
    "valid_from": "2025-06-30",
    "expires_on": "2025-09-30",
}
KEPT_OVERRIDE = {
    "override_id": "0b9a2f0e-5a7d-4c7a-9a0e-0f4d5a3c1b22",
    **OVERRIDE,
    "grade": None,
    "model_limit": 25000,
    "model_grade": "6",
    "model_default_probability": 0.0112,
    "model_version": "396e9f19ceac",
    "referral_id": None,
    "set_at": "2025-06-30T09:00:00Z",
    "set_by": "ana",
    "role": "underwriter",
    "withdrawn_at": None,
    "withdrawn_by": None,
}
VERDICT = {"limit": 600000, "reason": "visited; order book full", "expires_on": "2025-12-31"}
REFUSAL = {"limit": 0, "reason": "its accounts are overdue", "expires_on": "2025-12-31"}
REFERRAL = {
    "referral_id": "d9c8a6f1-0d51-4f5e-8a57-6f0f8d2b9e10",
    "buyer_id": "B0000017",
    "as_of_date": "2025-06-30",
    "decision_id": "8f3cbb62-3f2e-4a5c-9a1d-3a4b5c6d7e8f",
    "decisions": 1,
    "requested_amount": 900000,
    "model_limit": 650000,
    "model_grade": "4",
    "model_default_probability": 0.0029,
    "model_version": "396e9f19ceac",
    "opened_at": "2025-06-30T09:00:00Z",
    "due_at": "2025-07-01T09:00:00Z",
    "state": "open",
    "age_hours": 3.5,
    "overdue": False,
    "limit": None,
    "reason": None,
    "override_id": None,
    "decided_at": None,
    "decided_by": None,
    "role": None,
}
CLOCK = {
    "decisions": 1200,
    "automatic_share": 0.985,
    "open": 4,
    "open_overdue": 1,
    "decided": 14,
    "decided_late": 2,
    "age_p50_hours": 5.2,
    "age_p95_hours": 26.0,
}
CANDIDATE = {
    "buyer_id": "B0000017",
    "name": "Software Harrowwell Inc.",
    "country": "US",
    "confidence": 1.0,
    "matched_on": "name",
}
PROBLEM = {
    "type": "/docs#problem-unknown-buyer",
    "title": "Unknown buyer",
    "status": 404,
    "detail": "no buyer 'B00000171': use the id of a buyer of the loaded tables, or send its facts",
    "errors": [
        {
            "field": "buyer_id",
            "value": "B00000171",
            "remedy": "use the id of a buyer of the loaded tables, or send its facts",
        }
    ],
}
LIMIT_DECISION = {
    name: DECISION[name] for name in LimitDecision.model_fields if name in DECISION
} | {"amount": DECISION["limit"]}
KEPT_DECISION = {
    "decision_id": DECISION["decision_id"],
    "decided_at": "2025-07-01T09:30:00.000000+00:00",
    "caller": "erp",
    "operation": "score",
    "data_version": "5d1c2f0e9b7a",
    "model_version": DECISION["model_version"],
    "policy_version": DECISION["policy_version"],
    "code_version": "77f0b6a1c9d2",
    "request": LIMIT,
    "answer": DECISION,
}
REPLAY = {
    "decision_id": DECISION["decision_id"],
    "identical": True,
    "explanation": "the same bytes",
    "code_version": "77f0b6a1c9d2",
    "code_version_now": "77f0b6a1c9d2",
    "answer": DECISION,
}
HISTORY = {
    "buyer": {
        "buyer_id": "B0000017",
        "name": "Software Harrowwell Inc.",
        "country": "US",
        "sector": "J63",
        "legal_form": "Inc.",
        "entity_type": "company",
        "group_id": "",
    },
    "latest": DECISION,
    "overrides": [],
    "decisions": {
        "items": [
            {
                "decision_id": DECISION["decision_id"],
                "decided_at": "2025-07-01T09:30:00.000000+00:00",
                "caller": "erp",
                "operation": "score",
                **{
                    name: DECISION[name]
                    for name in PastDecision.model_fields
                    if name in DECISION and name != "decision_id"
                },
            }
        ],
        "next_cursor": None,
    },
}
SERVED = {
    "model_version": DECISION["model_version"],
    "policy_version": DECISION["policy_version"],
    "data_version": "5d1c2f0e9b7a",
    "served_since": "2025-07-01T06:00:00+00:00",
    "buyers": 20000,
    "last_known_day": "2025-12-31",
    "validation": {"verdict": "PASS"},
    "metadata": {"metrics": {"auc": 0.899, "auc_low": 0.889, "auc_high": 0.909, "defaults": 849}},
}
COUNTERFACTUALS: dict[str, Any] = {
    "buyer_id": "B0000017",
    "as_of_date": "2025-06-30",
    "counterfactuals": [],
    "reason": {"code": "out_of_reach", "text": "No change of what the buyer can change is enough"},
    "model_version": DECISION["model_version"],
    "policy_version": DECISION["policy_version"],
}
