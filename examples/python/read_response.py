"""The whole answer, of any size, is an artifact: here a component in Python reads
it as a file. What the metadata says of it comes along."""

from kfp import compiler, components, dsl

call = components.load_component_from_file("component.yaml")


@dsl.component(base_image="python:3.12-slim")
def measure(response: dsl.Input[dsl.Artifact]) -> str:
    with open(response.path, encoding="utf-8") as answer:
        text = answer.read()
    status = response.metadata["status_code"]
    return f"{int(status)}: {len(text)} characters"


@dsl.pipeline(name="read-response")
def pipeline(url: str, service_account: str = "") -> str:
    answer = call(url=url, method="GET", service_account=service_account)
    answer.set_caching_options(False)
    return measure(response=answer.outputs["response"]).output


if __name__ == "__main__":
    compiler.Compiler().compile(pipeline, __file__.replace(".py", ".yaml"))
