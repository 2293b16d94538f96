"""What comes next depends on the status: with fail_on_http_error off, an answer
without success is an output like any other."""

from kfp import compiler, components, dsl

call = components.load_component_from_file("component.yaml")


@dsl.pipeline(name="branch")
def pipeline(url: str, repair_url: str, service_account: str = ""):
    check = call(
        url=url,
        method="GET",
        service_account=service_account,
        fail_on_http_error=False,
    ).set_caching_options(False)
    with dsl.If(check.outputs["status_code"] == 200, name="well"):
        call(
            url=url,
            service_account=service_account,
            body=check.outputs["response_text"],
        ).set_caching_options(False).set_display_name("use")
    with dsl.Else(name="unwell"):
        call(url=repair_url, service_account=service_account).set_caching_options(
            False
        ).set_display_name("repair")


if __name__ == "__main__":
    compiler.Compiler().compile(pipeline, __file__.replace(".py", ".yaml"))
