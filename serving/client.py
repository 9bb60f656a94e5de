"""Ask the service with BentoML's own client: `python -m serving.client http://127.0.0.1:3000 KEY`.

An example to copy; it needs nothing of this repository, and runs in the test suite.
"""

import sys

import bentoml
from bentoml.exceptions import BentoMLException

ASKED = {"buyer_id": "B0000017", "as_of_date": "2025-06-30", "terms_days": 60}


def main(address: str, key: str) -> None:
    """Score a buyer, ask for a limit once whatever the network does, and have it made again."""
    with bentoml.SyncHTTPClient(address, token=key) as client:
        score = client.score(ASKED)
        print(f"grade {score['grade']}, probability {score['default_probability']:.2%}")

        order = {**ASKED, "requested_amount": 150_000}
        once = {"Idempotency-Key": "order-2025-0412"}
        sent = [client.request("POST", "/v1/limits", json=order, headers=once) for _ in range(2)]
        limit = sent[0].raise_for_status().json()
        print(f"{limit['decision']}: {limit['amount']:,.0f} EUR until {limit['valid_until']}")
        print("sent twice, decided once:", sent[0].content == sent[1].content)

        again = client.request("GET", f"/v1/decisions/{limit['decision_id']}/replay").json()
        print("made again:", again["explanation"])
        try:
            client.limits({**order, "buyer_id": "nobody"})
        except BentoMLException as refused:
            print(int(refused.error_code), str(refused)[:60])


if __name__ == "__main__":
    main(*sys.argv[1:])
