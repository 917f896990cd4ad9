/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draws.nc: NetCDF-4 in the layout of ArviZ's InferenceData, for xarray, ArviZ (arviz.from_netcdf) and whatever reads NetCDF.  Only where
 * libnetcdf was found at configure time. */
#ifndef DILATE_IO_NETCDF_H
#define DILATE_IO_NETCDF_H

#include "io/failure.h"
#include "io/outcome.h"
#include <stdio.h>

/* 0, or the reason why this build cannot write the file, in one line. */
int netcdf_check(failure *f);
int netcdf_write(FILE *stream, const outcome *o, failure *f);

#endif
