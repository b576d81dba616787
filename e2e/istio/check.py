"""Holds resources to the schemas of Istio's custom resource definitions.

Reads a JSON array of resources, writes a JSON array with a list of faults for each. Exits with 3 where the schemas are not installed.
"""

import functools
import importlib.metadata
import importlib.util
import json
import sys
import types
import typing


def install_base():
    """Stands in for the client library that the models are written for, and need Python 3.14 for: only their fields count here."""
    import pydantic

    class Unused:
        def __class_getitem__(cls, _):
            return cls

    class BaseModel(pydantic.BaseModel):
        # As an API server that warns of nothing and drops nothing: unknown fields and other types are faults.
        model_config = pydantic.ConfigDict(extra="forbid", strict=True)

    class Resource(BaseModel):
        pass

    class ObjectMeta(BaseModel):
        Builder: typing.ClassVar = Unused
        BuilderContext: typing.ClassVar = Unused
        name: typing.Annotated[str, pydantic.Field(max_length=253, pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
        namespace: typing.Annotated[str, pydantic.Field(max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]

    class ListMeta(ObjectMeta):
        pass

    builders = {
        name: Unused
        for name in ("BaseBuilder", "BaseModelBuilder", "BuilderContextBase", "GenericListBuilder", "ListBuilderContext")
    }
    modules = {
        "pydantic": {"BaseModel": BaseModel, "UNSET": object(), "Never": typing.Never, "Self": typing.Self, **builders},
        "resources": {"Resource": Resource, "ResourceList": Resource},
        "apimachinery": {"ObjectMeta": ObjectMeta, "ListMeta": ListMeta},
    }
    for name, members in modules.items():
        module = types.ModuleType(f"cloudcoil.{name}")
        vars(module).update(members)
        sys.modules[module.__name__] = module


def model(resource):
    """The model of a resource. Its module is loaded alone: the package around it needs the newer Python."""
    group, version = resource["apiVersion"].split(".", 1)[0], resource["apiVersion"].split("/")[1]
    return getattr(load(group, version), resource["kind"])


@functools.cache
def load(group, version):
    path = f"cloudcoil/models/istio/{group}/{version}.py"
    installed = next(file for file in importlib.metadata.files("cloudcoil-models-istio") if str(file) == path)
    spec = importlib.util.spec_from_file_location(f"istio_{group}_{version}", installed.locate())
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def faults(resource):
    import pydantic

    try:
        model(resource).model_validate(resource)
    except pydantic.ValidationError as error:
        return [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
    except (AttributeError, StopIteration) as error:
        return [f"no such resource: {error}"]
    return []


def main():
    try:
        install_base()
        importlib.metadata.version("cloudcoil-models-istio")
    except ImportError as error:
        print(error, file=sys.stderr)
        sys.exit(3)
    json.dump([faults(resource) for resource in json.load(sys.stdin)], sys.stdout)


main()
