"""The component in Go as a step of a pipeline in Python; its component.yaml is
count-words.yaml in the folder that this is run in."""

from kfp import compiler, components, dsl

count_words = components.load_component_from_file("count-words.yaml")


@dsl.pipeline(name="count-words")
def pipeline(text: str) -> int:
    return count_words(text=text).outputs["words"]


if __name__ == "__main__":
    compiler.Compiler().compile(pipeline, __file__.replace(".py", ".yaml"))
