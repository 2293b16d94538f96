"""Loads the forms of the component with the SDK and puts them to use.

Started in a folder with component.yaml, notifier.yaml and ir.yaml; prints as JSON
what became of the settings of ir.yaml in a pipeline around it.
"""

import json

import yaml
from kfp import compiler, components, dsl

for name in ("component.yaml", "notifier.yaml", "ir.yaml"):
    with open(name, encoding="utf-8") as f:
        text = f.read()
    from_file = components.load_component_from_file(name)
    from_text = components.load_component_from_text(text)
    assert from_file.component_spec == from_text.component_spec, name

call = components.load_component_from_file("ir.yaml")
notify = components.load_component_from_file("notifier.yaml")


@dsl.pipeline(name="around")
def around(url: str):
    first = call(url=url)
    call(url=url, body=first.outputs["response_text"])


compiler.Compiler().compile(around, "around.yaml")
with open("around.yaml", encoding="utf-8") as f:
    spec = yaml.safe_load(f)
found = []
for component in spec["components"].values():
    for task in component.get("dag", {}).get("tasks", {}).values():
        inner = spec["components"][task["componentRef"]["name"]]
        container = spec["deploymentSpec"]["executors"][inner["executorLabel"]]
        found.append(
            {
                "cache": task.get("cachingOptions", {}).get("enableCache", False),
                "retries": task.get("retryPolicy", {}).get("maxRetryCount", 0),
                "memory": container["container"]["resources"]["resourceMemoryLimit"],
            }
        )

# Why there are two files: what an exit task alone may have.
refusal = ""
try:

    @dsl.pipeline(name="notifier-elsewhere")
    def elsewhere(url: str):
        notify(url=url)

    compiler.Compiler().compile(elsewhere, "elsewhere.yaml")
except ValueError as refused:
    refusal = str(refused)
print(json.dumps({"found": found, "refusal": refusal}))
