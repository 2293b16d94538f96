"""Runs a pipeline of examples/python with KFP's own Docker runner, in a folder with
component.yaml and notifier.yaml.

Its last line is JSON: {"outputs": {name: [type, value]}, "error": text}.
"""

import argparse
import json

import examples
import keep_exit_code  # noqa: F401  before the runner is used
from kfp import local

parser = argparse.ArgumentParser()
parser.add_argument("example")
parser.add_argument("--root", required=True)
parser.add_argument("--python-image", required=True)
parser.add_argument("--parameters", default="{}")
parser.add_argument("--environment", default="{}")
args = parser.parse_args()

local.init(
    runner=local.DockerRunner(
        network_mode="host", environment=json.loads(args.environment)
    ),
    pipeline_root=args.root,
)
module = examples.load(args.example, args.python_image)
outputs, error = {}, ""
try:
    task = module.pipeline(**json.loads(args.parameters))
    outputs = {k: [type(v).__name__, v] for k, v in task.outputs.items()}
except Exception as failed:  # whatever it raises is the answer
    error = f"{type(failed).__name__}: {failed}"
print(json.dumps({"outputs": outputs, "error": error}))
