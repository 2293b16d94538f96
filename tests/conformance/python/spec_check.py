"""Reads pipeline specs as strictly as Google's own proto allows, and with the SDK.

deployment_spec is a Struct in the proto, so each executor in it is parsed once
more, as what it is. Prints one line a file.
"""

import sys

import yaml
from google.protobuf import json_format
from kfp import components
from kfp.pipeline_spec import pipeline_spec_pb2 as pb


def strict(path):
    with open(path, encoding="utf-8") as f:
        (document,) = yaml.safe_load_all(f)  # Vertex AI takes one document only
    spec = json_format.ParseDict(document, pb.PipelineSpec())
    assert spec.schema_version == "2.1.0", spec.schema_version
    assert spec.pipeline_info.name, "no pipeline name"
    assert spec.root.dag.tasks, "no tasks"
    for executor in spec.deployment_spec["executors"].values():
        json_format.ParseDict(
            json_format.MessageToDict(executor),
            pb.PipelineDeploymentConfig.ExecutorSpec(),
        )
    return spec


for path in sys.argv[1:]:
    spec = strict(path)
    loaded = components.load_component_from_file(path)
    assert loaded.pipeline_spec.root == spec.root, "the SDK reads another pipeline"
    print("ok", path, spec.pipeline_info.name)
