"""Puts component.yaml into a Python pipeline and compiles it.

The component is loaded once from the file and once from its text; the second
call runs only where the first one answered 200.
"""

import sys

from kfp import compiler, components, dsl

component_file, output = sys.argv[1:]
from_file = components.load_component_from_file(component_file)
with open(component_file, encoding="utf-8") as f:
    from_text = components.load_component_from_text(f.read())
assert from_file.component_spec == from_text.component_spec


@dsl.pipeline(name="python-calls-twice")
def calls_twice(url: str, service_account: str, audience: str):
    first = from_file(url=url, service_account=service_account, audience=audience)
    first.set_caching_options(False)
    with dsl.If(first.outputs["status_code"] == 200, name="answered"):
        second = from_text(
            url=url,
            service_account=service_account,
            audience=audience,
            body=first.outputs["response_text"],
        )
        second.set_caching_options(False)
    with dsl.If(first.outputs["status_code"] == 500, name="broke"):
        from_text(url=url, method="GET").set_caching_options(False)


compiler.Compiler().compile(calls_twice, output)
