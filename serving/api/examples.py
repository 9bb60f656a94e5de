"""Questions as the documentation shows them; the tests ask exactly these."""

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
