"""An exit handler tells a service how the pipeline ended, whichever way that is.

notifier.yaml is component.yaml with one more input, final_status, which the
runtime fills in; where no body is given it is the body.
"""

from kfp import compiler, components, dsl

call = components.load_component_from_file("component.yaml")
notify = components.load_component_from_file("notifier.yaml")


@dsl.pipeline(name="notify")
def pipeline(url: str, notify_url: str, service_account: str = ""):
    told = notify(url=notify_url, service_account=service_account)
    told.set_caching_options(False)
    with dsl.ExitHandler(exit_task=told, name="watched"):
        call(url=url, service_account=service_account).set_caching_options(False)


if __name__ == "__main__":
    compiler.Compiler().compile(pipeline, __file__.replace(".py", ".yaml"))
