# SPDX-License-Identifier: GPL-3.0-or-later
"""What Python makes of a run's files, against its summary.json: numpy, netCDF4, xarray.

python3 readers.py FOLDER...; prints a line a reader, and "skipped" where a package is absent; exit status 1 when one disagrees.
The files have every digit, and both sides compute the same sums in another order: numbers agree to 1e-10 of the larger of their size and
the parameter's standard deviation.
"""
import csv
import importlib
import itertools
import json
import os
import sys

TOLERANCE = 1e-10
PACKAGES = {"numpy": "python3-numpy", "netCDF4": "python3-netcdf4", "xarray": "python3-xarray"}
REQUIRED = os.environ.get("DILATE_READERS") == "all"
failures = 0


def complain(*words):
    global failures
    print("readers.py:", *words)
    failures += 1


def expect(holds, *words):
    if not holds:
        complain(*words)


def load(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"skipped: {PACKAGES[name]} is not installed")
        if REQUIRED:
            complain(PACKAGES[name], "is not installed")
        return None


numpy, netcdf, xarray = (load(name) for name in PACKAGES)


class Run:
    """summary.json and draws.csv of a folder."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "summary.json"), encoding="utf-8") as stream:
            self.summary = json.load(stream)
        with open(os.path.join(folder, "draws.csv"), encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        self.header = rows[0]
        self.rows = numpy.array([[float(cell) for cell in row] for row in rows[1:]])
        self.shape = (self.summary["islands"], self.summary["draws"])
        self.parameters = {p["name"]: p for p in self.summary["parameters"]}

    def path(self, name):
        return os.path.join(self.folder, name)

    def column(self, name):
        return self.rows[:, self.header.index(name)].reshape(self.shape)

    def check(self, reader, name, values):
        """The values of one parameter, chain x draw: the same draws, and the same summary."""
        expect(name in self.parameters, reader, self.folder, "has a parameter", name)
        expect(numpy.array_equal(values, self.column(name)), reader, self.folder, name, "has other draws")
        wanted = self.parameters[name]
        q5, q50, q95 = numpy.quantile(values, [0.05, 0.5, 0.95])
        for key, found in {"mean": values.mean(), "sd": values.std(ddof=1), "q5": q5, "q50": q50, "q95": q95}.items():
            error = abs(found - wanted[key])
            expect(error <= TOLERANCE * max(abs(wanted[key]), wanted["sd"]), reader, self.folder, name, key, "differs by", error)


def read_numpy(run):
    draws = numpy.load(run.path("draws.npy"))
    expect(draws.dtype == numpy.float64 and draws.shape == (*run.shape, len(run.parameters)), "numpy: shape", draws.shape)
    for j, name in enumerate(run.parameters):
        run.check("numpy", name, draws[:, :, j])
    print(f"numpy: {draws.shape} of {run.folder} agrees")


def elements(name, values):
    """The numbers of a variable under Stan's names: chain x draw each."""
    for index in itertools.product(*(range(extent) for extent in values.shape[2:])):
        own = f"{name}[{','.join(str(i + 1) for i in index)}]" if index else name
        yield own, values[(slice(None), slice(None), *index)]


def check_posterior(reader, run, variables):
    """variables: the parameter's own name -> (name in the file, dimensions, values)."""
    seen = []
    for name, (in_file, dimensions, values) in variables.items():
        expected = ("chain", "draw", *(f"{in_file}_dim_{k}" for k in range(values.ndim - 2)))
        expect(dimensions == expected, reader, run.folder, name, "has dimensions", dimensions)
        for own, draws in elements(name, values):
            run.check(reader, own, draws)
            seen.append(own)
    expect(sorted(seen) == sorted(run.parameters), reader, run.folder, "has other parameters", seen)
    if run.folder == "shapes":
        expect(variables["L"][2].shape == (*run.shape, 2, 3), reader, "the shape of L")
    print(f"{reader}: {len(seen)} parameters in {len(variables)} variable(s) of {run.folder} agree")


def check_attributes(reader, run, attributes):
    for key in ("created_at", "inference_library", "inference_library_version"):
        expect(attributes.get(key), reader, run.folder, "lacks the attribute", key)
    for key in ("log_z", "log_z_se", "seed", "method", "target"):
        if run.summary[key] is not None:
            expect(attributes.get(key) == run.summary[key], reader, run.folder, key, "is", attributes.get(key))


def check_stats(reader, run, lp, mode):
    expect(numpy.array_equal(lp, run.column("lp__")), reader, run.folder, "has other log-densities")
    expect(numpy.array_equal(mode, run.column("mode__")), reader, run.folder, "has other modes")


def check_data(reader, run, observed, constant):
    path = run.path("data.json")
    if run.summary["target"] == "eight_schools":
        wanted = {"y": [28, 8, -3, 7, -1, 1, 18, 12]}, {"sigma": [15, 10, 16, 11, 9, 11, 10, 18]}
    elif os.path.exists(path):
        with open(path, encoding="utf-8") as stream:
            data = json.load(stream)
        wanted = {k: data[k] for k in ("y", "M") if k in data}, {"N": data["N"]}
    else:
        wanted = {}, {}
    for group, found in zip(wanted, (observed, constant)):
        expect(sorted(group) == sorted(found), reader, run.folder, "has the data", sorted(found))
        for name in set(group) & set(found):
            expect(numpy.array_equal(numpy.array(group[name], float), found[name], equal_nan=True), reader, run.folder, "data", name)


def read_netcdf(run):
    with netcdf.Dataset(run.path("draws.nc")) as file:
        file.set_auto_mask(False)
        posterior, stats = file.groups["posterior"], file.groups["sample_stats"]
        data = ({name: v[...] for name, v in file.groups[g].variables.items() if name not in file.groups[g].dimensions}
                if g in file.groups else {} for g in ("observed_data", "constant_data"))
        own = {v: getattr(posterior.variables[v], "long_name", v) for v in posterior.variables}
        check_posterior("netCDF4", run, {own[name]: (name, v.dimensions, v[...]) for name, v in posterior.variables.items()
                                         if name not in posterior.dimensions})
        for group in (file, *file.groups.values()):
            expect(group.inference_library == "libdilate" and group.created_at, "netCDF4: the origin of", run.folder)
        check_attributes("netCDF4", run, posterior.__dict__)
        check_stats("netCDF4", run, stats.variables["lp"][...], stats.variables["mode"][...])
        check_data("netCDF4", run, *data)


def open_group(run, group):
    return xarray.open_dataset(run.path("draws.nc"), group=group, engine="netcdf4")


def read_xarray(run):
    with open_group(run, "posterior") as posterior, open_group(run, "sample_stats") as stats:
        check_posterior("xarray", run, {v.attrs.get("long_name", name): (name, v.dims, v.values)
                                        for name, v in posterior.data_vars.items()})
        for name in posterior.dims:
            expect(list(posterior.coords[name].values) == list(range(posterior.sizes[name])), "xarray: the coordinate", name)
        check_attributes("xarray", run, posterior.attrs)
        check_stats("xarray", run, stats["lp"].values, stats["mode"].values)
        first = next(iter(posterior.data_vars))
        mean = posterior[first].mean(dim=("chain", "draw"))
        expect(mean.ndim == posterior[first].ndim - 2, "xarray: the mean of", first)


for argument in sys.argv[1:] if numpy else []:
    one = Run(argument)
    read_numpy(one)
    if os.path.exists(one.path("draws.nc")):
        if netcdf:
            read_netcdf(one)
        if netcdf and xarray:
            read_xarray(one)
    else:
        print("skipped: this build writes no NetCDF")
        expect(not REQUIRED, "this build writes no NetCDF")
sys.exit(1 if failures else 0 if numpy else 77)
