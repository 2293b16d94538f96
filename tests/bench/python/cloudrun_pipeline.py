"""The pipeline cloudrun as it is written in Python: the yardstick of compile."""

import os

from kfp import components, dsl

call = components.load_component_from_file(os.environ["COMPONENT_YAML"])


@dsl.pipeline(name="auth-pipeline-cloudrun")
def cloudrun(url: str, service_account: str = "", audience: str = ""):
    task = call(url=url, service_account=service_account, audience=audience)
    task.set_caching_options(False)
