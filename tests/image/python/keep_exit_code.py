"""Lets KFP's Docker runner see how a container ended.

The runner has containers removed as soon as they end, and takes one that is gone
before it asks for a success: a failure passes for one about every other time.
Imported before the runner is used, this keeps a container until its exit code has
been read.
"""

from docker.models import containers

_run = containers.ContainerCollection.run
_wait = containers.Container.wait


def run(self, *args, **kwargs):
    kwargs["auto_remove"] = False
    return _run(self, *args, **kwargs)


def wait(self, *args, **kwargs):
    ended = _wait(self, *args, **kwargs)
    self.remove(force=True)
    return ended


containers.ContainerCollection.run = run
containers.Container.wait = wait
