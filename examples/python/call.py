"""The call alone, with its status and its result as outputs of the pipeline."""

from typing import NamedTuple

from kfp import compiler, components, dsl

call = components.load_component_from_file("component.yaml")
Outputs = NamedTuple("Outputs", status_code=int, response_text=str, result=str)


@dsl.pipeline(name="call")
def pipeline(
    url: str, service_account: str = "", body: str = "", result: str = ""
) -> Outputs:
    task = call(
        url=url, service_account=service_account, body=body, result=result
    )
    # A cached call is a call that is not made.
    task.set_caching_options(False)
    return Outputs(
        status_code=task.outputs["status_code"],
        response_text=task.outputs["response_text"],
        result=task.outputs["result"],
    )


if __name__ == "__main__":
    compiler.Compiler().compile(pipeline, __file__.replace(".py", ".yaml"))
