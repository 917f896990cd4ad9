# SPDX-License-Identifier: GPL-3.0-or-later
"""emcee (Foreman-Mackey et al. 2013) on a target in C:  peer_emcee.py PEER_TARGETS.so TARGET SEED SETTINGS

It says what bench/peers_child.h asks for.  Stages double in length, and each sends the states of its own: the first half of the run so
far is dropped as its way from the start.  A call of the target evaluates a large part of the walkers, so that calling costs little."""
import ctypes
import sys
import time

import emcee
import numpy

FIRST_STAGE = 64000  # evaluations
MOST_ROWS = 16000
# Without a look at the target: each walker's distance from the origin has an order of magnitude of its own.
SMALLEST, LARGEST = 0.1, 100.0

# Walkers and moves.  The more walkers, the better their shares of modes; but emcee makes differences walker by walker in Python, so that
# evaluations are dear there and fewer walkers, which need fewer to arrive, did better.
SETTINGS = {
    "stretch": (1000, [(emcee.moves.StretchMove(), 1.0)]),
    # The mixture that emcee's manual advises for many modes (Ter Braak & Vrugt 2008), a tenth of it whole differences, which jump from
    # mode to mode (Ter Braak 2006).
    "differential": (
        200,
        [(emcee.moves.DEMove(), 0.7), (emcee.moves.DEMove(gamma0=1.0), 0.1), (emcee.moves.DESnookerMove(), 0.2)],
    ),
}


class Target:
    """The log-density of points in rows, and how many were asked for."""

    def __init__(self, library, spec):
        self.functions = ctypes.CDLL(library)
        self.functions.peer_open.restype = ctypes.c_void_p
        self.functions.peer_dim.restype = ctypes.c_size_t
        self.functions.peer_dim.argtypes = [ctypes.c_void_p]
        self.functions.peer_evaluate.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_void_p]
        self.target = self.functions.peer_open(spec.encode())
        if not self.target:
            sys.exit(2)
        self.dim = self.functions.peer_dim(self.target)
        self.evaluations = 0

    def __call__(self, x):
        columns = numpy.ascontiguousarray(x.T)
        value = numpy.empty(len(x))
        self.functions.peer_evaluate(self.target, len(x), columns.ctypes.data, value.ctypes.data, None)
        self.evaluations += len(x)
        return numpy.where(numpy.isnan(value), -numpy.inf, value)


def wide_start(walkers, dim, random):
    scale = SMALLEST * (LARGEST / SMALLEST) ** random.uniform(size=(walkers, 1))
    return scale * random.normal(size=(walkers, dim))


def send(seconds, evaluations, rows):
    sys.stdout.buffer.write(b"%.9g %d 0 %d\n" % (seconds, evaluations, len(rows)))
    sys.stdout.buffer.write(numpy.ascontiguousarray(rows).tobytes())
    sys.stdout.buffer.flush()


def main():
    library, spec, seed, settings = sys.argv[1:]
    walkers, moves = SETTINGS[settings]
    target = Target(library, spec)
    if not sys.stdin.readline():
        return
    start = time.process_time()
    random = numpy.random.RandomState(int(seed))
    sampler = emcee.EnsembleSampler(walkers, target.dim, target, moves=moves, vectorize=True)
    state = emcee.State(wide_start(walkers, target.dim, random), random_state=random.get_state())
    steps = FIRST_STAGE // walkers
    state = sampler.run_mcmc(state, steps, store=False)
    while True:
        thin = -(-steps * walkers // MOST_ROWS)  # rounded up
        sampler.reset()
        state = sampler.run_mcmc(state, steps // thin, thin_by=thin)
        send(time.process_time() - start, target.evaluations, sampler.get_chain(flat=True))
        if not sys.stdin.readline():
            return
        steps *= 2


main()
