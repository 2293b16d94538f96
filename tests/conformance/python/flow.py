"""The authenticated call as it is written in Python today, on google-auth alone.

An access token of the ambient account buys an ID token of the caller account;
the ID token goes to the service. Prints {"status", "body"} as JSON.
"""

import argparse
import json
import os
import urllib.error
import urllib.request

import google.auth
from google.auth.transport.requests import AuthorizedSession, Request

SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
IAM = os.environ.get("AUTHCALL_IAM_ENDPOINT", "https://iamcredentials.googleapis.com").rstrip("/")


def id_token(service_account, audience):
    credentials, _ = google.auth.default(scopes=SCOPES)
    credentials.refresh(Request())
    answer = AuthorizedSession(credentials).post(
        f"{IAM}/v1/projects/-/serviceAccounts/{service_account}:generateIdToken",
        json={"audience": audience, "includeEmail": True},
        timeout=30,
    )
    answer.raise_for_status()
    return answer.json()["token"]


def call(url, token, body):
    request = urllib.request.Request(url, data=body.encode(), method="POST")
    request.add_header("Authorization", f"Bearer {token}")
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--service-account", required=True)
    parser.add_argument("--audience", required=True)
    parser.add_argument("--body", default="{}")
    args = parser.parse_args()
    status, body = call(args.url, id_token(args.service_account, args.audience), args.body)
    print(json.dumps({"status": status, "body": body}))


if __name__ == "__main__":
    main()
