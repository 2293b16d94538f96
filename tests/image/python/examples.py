"""Loads a pipeline of examples/python for a place without a network."""

import importlib.util

from kfp import dsl


def load(path, python_image):
    """The example as a module, with its components in Python run in an image that
    has the SDK: none can be installed in a container without a network."""
    component = dsl.component

    def without_pip(*args, **kwargs):
        kwargs.update(base_image=python_image, install_kfp_package=False)
        return component(*args, **kwargs)

    spec = importlib.util.spec_from_file_location("example", path)
    module = importlib.util.module_from_spec(spec)
    dsl.component = without_pip
    try:
        spec.loader.exec_module(module)
    finally:
        dsl.component = component
    return module
