"""Compiles a pipeline of examples/python in a folder with component.yaml and
notifier.yaml."""

import argparse

import examples
from kfp import compiler

parser = argparse.ArgumentParser()
parser.add_argument("example")
parser.add_argument("output")
parser.add_argument("--python-image", required=True)
args = parser.parse_args()
module = examples.load(args.example, args.python_image)
compiler.Compiler().compile(module.pipeline, args.output)
