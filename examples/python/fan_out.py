"""One call for each request, some at a time, and one call with all the results."""

from typing import List

from kfp import compiler, components, dsl

call = components.load_component_from_file("component.yaml")


@dsl.component(base_image="python:3.12-slim")
def join(results: List[str]) -> str:
    import json

    return json.dumps({"results": results})


@dsl.pipeline(name="fan-out")
def pipeline(url: str, bodies: List[str], service_account: str = "") -> str:
    with dsl.ParallelFor(bodies, parallelism=4, name="each") as body:
        one = call(
            url=url,
            service_account=service_account,
            body=body,
            result=".status",
        ).set_caching_options(False)
    return join(results=dsl.Collected(one.outputs["result"])).output


if __name__ == "__main__":
    compiler.Compiler().compile(pipeline, __file__.replace(".py", ".yaml"))
