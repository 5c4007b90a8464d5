"""What pyproject.toml cannot say: the compiled core, and one wheel for all Pythons from 3.10."""

import sysconfig

from setuptools import setup

# A free-threaded Python has no stable ABI: its wheel is its own.
STABLE_ABI = not sysconfig.get_config_var("Py_GIL_DISABLED")

setup(
    cffi_modules=["build_ext.py:ffibuilder"],
    options={"bdist_wheel": {"py_limited_api": "cp310"} if STABLE_ABI else {}},
)
