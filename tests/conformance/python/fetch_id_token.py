"""Asks google-auth for an ID token of the ambient account, as its manual says.

Prints {"type", "message"} of the error as JSON; an ID token is not printed.
"""

import json
import sys

from google.auth.transport.requests import Request
from google.oauth2 import id_token

try:
    id_token.fetch_id_token(Request(), sys.argv[1])
except Exception as error:  # whatever it raises is the answer
    print(json.dumps({"type": type(error).__name__, "message": str(error)}))
else:
    sys.exit("fetch_id_token gave a token")
