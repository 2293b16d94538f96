"""Tells as JSON what a container needs of this Python to import the given modules."""

# For the libraries that the standard library needs.
import bz2, ctypes, hashlib, lzma, ssl, zlib  # noqa: E401, F401
import importlib
import json
import os
import sys
import sysconfig

os.environ["_KFP_RUNTIME"] = "true"  # as in a component: without the SDK's client
for module in sys.argv[1:]:
    importlib.import_module(module)

site = sysconfig.get_paths()["purelib"]
stdlib = sysconfig.get_paths()["stdlib"]
packages = set()
for module in list(sys.modules.values()):
    file = getattr(module, "__file__", None) or ""
    if file.startswith(site + os.sep):
        packages.add(file[len(site) + 1 :].split(os.sep)[0])
with open("/proc/self/maps", encoding="utf-8") as maps:
    mapped = {line.split(maxsplit=5)[-1].strip() for line in maps}
libraries = sorted(
    file
    for file in mapped
    if ".so" in os.path.basename(file) and not file.startswith((site, stdlib))
)
print(
    json.dumps(
        {
            "executable": os.path.realpath(sys.executable),
            "stdlib": stdlib,
            "site": site,
            "packages": sorted(packages),
            "libraries": libraries,
        }
    )
)
