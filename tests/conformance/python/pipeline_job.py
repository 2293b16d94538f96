"""Submits a spec with Google's Vertex AI SDK and waits for its end.

Prints {"name", "state", "tasks", "error"} as JSON.
"""

import argparse
import json
import os

from google.cloud import aiplatform
from google.cloud.aiplatform import pipeline_jobs
from google.oauth2.credentials import Credentials

parser = argparse.ArgumentParser()
parser.add_argument("spec")
parser.add_argument("--endpoint", required=True)
parser.add_argument("--pipeline-root", required=True)
parser.add_argument("--service-account", required=True)
parser.add_argument("--access-token-file", required=True)
parser.add_argument("--parameters", default="{}")
args = parser.parse_args()

# The SDK sleeps five seconds between two looks at a job: too long for a job
# that takes less than one.
pipeline_jobs._JOB_WAIT_TIME = 0.2
pipeline_jobs._LOG_WAIT_TIME = 0.2

with open(args.access_token_file, encoding="utf-8") as f:
    credentials = Credentials(f.read().strip())

aiplatform.init(
    project=os.environ["GOOGLE_CLOUD_PROJECT"],
    location=os.environ.get("GOOGLE_CLOUD_LOCATION", "us-central1"),
    credentials=credentials,
    api_endpoint=args.endpoint,
    api_transport="rest",
)
job = aiplatform.PipelineJob(
    display_name="from the Python SDK",
    template_path=args.spec,
    pipeline_root=args.pipeline_root,
    parameter_values=json.loads(args.parameters),
    enable_caching=False,
)
job.submit(service_account=args.service_account)
error = ""
try:
    job.wait()
except RuntimeError as failed:
    error = str(failed)
print(
    json.dumps(
        {
            "name": job.resource_name,
            "state": job.state.name,
            "tasks": {t.task_name: t.state.name for t in job.task_details},
            "error": error,
        }
    )
)
