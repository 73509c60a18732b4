"""Compares cargo's unit graphs: what a command compiles, each unit with its features, profile and dependencies."""

import functools
import json
import os
import subprocess
import sys
import tempfile

# What has to differ, by command: names of packages.
DIFFERS = {
    # The command line is without the solutions of the exercises, which only the tests of the graders need.
    "run": ("quorate", "quorate-exercises"),
}
# A learner's programs are not compared: they are a package of their own, with few dependencies and no development dependencies,
# so macros and `serde` are compiled for them with fewer features.


def graph(*command, manifest=None):
    """The units of a command, by an identity that covers everything below them."""
    place = ["--manifest-path", manifest] if manifest else ["--locked"]
    graph = json.loads(subprocess.run(
        ["cargo", *command, *place, "-Zunstable-options", "--unit-graph"],
        env={**os.environ, "RUSTC_BOOTSTRAP": "1"}, check=True, stdout=subprocess.PIPE,
    ).stdout)
    units = graph["units"]
    for unit in units:
        # The test profile is the dev profile under another name, which nothing compiled depends on.
        unit["profile"].pop("name")

    @functools.cache
    def identity(at):
        unit = units[at]
        target, profile = unit["target"], unit["profile"]
        own = (
            unit["pkg_id"], target["name"], tuple(target["kind"]), unit["mode"], unit["platform"],
            tuple(unit["features"]), json.dumps(profile, sort_keys=True),
        )
        below = frozenset((each["extern_crate_name"], identity(each["index"])) for each in unit["dependencies"])
        return hash((own, below))

    return {identity(at): (units[at]["pkg_id"], units[at]["target"]["name"], units[at]["features"])
            for at in range(len(units))}


def name(pkg_id):
    """`…#name@1.2.3` and `…/name#1.2.3` both occur."""
    place, _, version = pkg_id.rpartition("#")
    return version.split("@")[0] if "@" in version else place.rpartition("/")[2]


def members():
    metadata = json.loads(subprocess.run(
        ["cargo", "metadata", "--no-deps", "--locked", "--format-version", "1"], check=True, stdout=subprocess.PIPE,
    ).stdout)
    return [package["name"] for package in metadata["packages"]]


def compare(command, units, whole):
    """Prints what a command compiles besides the whole; true if it is nothing but what has to be."""
    by_target = {}
    for pkg_id, target, features in whole.values():
        by_target.setdefault((pkg_id, target), []).append(set(features))
    extra = sorted((name(pkg_id), target, tuple(features), pkg_id)
                   for identity, (pkg_id, target, features) in units.items() if identity not in whole)
    allowed = DIFFERS.get(command, ())
    extra = [each for each in extra if each[0] not in allowed]
    for package, target, features, pkg_id in extra:
        known = by_target.get((pkg_id, target), [])
        print(f"{command}: {package} ({target}) is compiled again, with the features {', '.join(features) or 'none'}")
        for others in known:
            lacks, has = others - set(features), set(features) - others
            if lacks or has:
                print(f"    the workspace's has {' '.join(['+' + each for each in sorted(lacks)] + ['-' + each for each in sorted(has)])}")
    return not extra


def main():
    whole = graph("test", "--workspace", "--no-run")
    same = True
    for package in members():
        same &= compare(f"test -p {package}", graph("test", "-p", package, "--no-run"), whole)
    same &= compare("test", graph("test", "--no-run"), whole)
    same &= compare("run", graph("build"), whole)
    if not same:
        sys.exit("some packages are compiled again: give their dependencies the features that the whole workspace has")
    print("every package is tested with what the workspace's tests have built")


main()
