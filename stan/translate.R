# SPDX-License-Identifier: GPL-3.0-or-later
# Translates a Stan program with rstan's stanc, for `dilate stan`:
#
#   Rscript --vanilla translate.R PROGRAM.stan NAME MODEL.hpp
#
# Prints what the compiler is to be told for it, an argument a line.  What goes wrong is one line on standard error; the exit status is then
# 1 for a fault of the program and 3 for packages that are missing.

arguments <- commandArgs(TRUE)
program <- arguments[1]

give_up <- function(status, ...) {
  writeLines(paste0(...), stderr())
  quit(save = "no", status = status)
}

# ---- Packages ----

debian <- c(rstan = "r-cran-rstan", StanHeaders = "r-cran-stanheaders", RcppEigen = "r-cran-rcppeigen", BH = "r-cran-bh")
installed <- suppressWarnings(suppressMessages(vapply(names(debian), requireNamespace, NA, quietly = TRUE)))
if (!all(installed)) {
  give_up(3, "R lacks ", paste(names(debian)[!installed], collapse = ", "), ": on Debian, apt-get install ",
          paste(debian[!installed], collapse = " "))
}

# ---- What stanc says ----

# Without its headings, its name for the program and its picture of the lines around the fault, which is named by line and column.
fold <- function(lines) {
  lines <- sub("^(SYNTAX ERROR|SEMANTIC ERROR|DIAGNOSTIC\\(S\\) FROM PARSER:).*", "", lines)
  lines <- lines[!grepl("^ *(-+|[0-9]+:.*|\\^|Error in .*|failed to parse .*)? *$", lines)]
  lines <- sub("^ *error in '[^']*' at ", "at ", lines)
  gsub(" +", " ", paste(trimws(lines), collapse = " "))
}

translate <- function(messages) {
  channel <- file(messages, "w")
  sink(channel)
  sink(channel, type = "message")
  on.exit({
    sink(type = "message")
    sink()
    close(channel)
  })
  tryCatch(suppressWarnings(rstan::stanc(program, model_name = arguments[2], obfuscate_model_name = FALSE)), error = identity)
}

messages <- tempfile()
made <- translate(messages)
if (inherits(made, "error")) {
  why <- fold(readLines(messages))
  if (!nzchar(why)) why <- fold(unlist(strsplit(conditionMessage(made), "\n")))
  give_up(1, why)
}

# ---- What stanc made ----

# The number of the line that an error names is one a thread, lest threads write over each other's.
code <- sub("static int current_statement_begin__", "static thread_local int current_statement_begin__", made$cppcode, fixed = TRUE)
# Dimensions of data are checked by stan_json.hpp.
code <- gsub("context__.validate_dims(", "::json_check_dims(context__, ", code, fixed = TRUE)
writeLines(code, arguments[3])
folders <- c(system.file(c("include/src", "include"), package = "StanHeaders"), system.file("include", package = "RcppEigen"),
             system.file("include", package = "BH"))
folders <- folders[nzchar(folders)] # Debian's BH has none: its Boost is where the compiler looks
solvers <- system.file("lib", package = "StanHeaders") # Sundials, for integrate_ode_bdf and _adams
writeLines(c(paste0("-isystem", folders), if (nzchar(solvers)) c(paste0("-L", solvers), "-lStanHeaders")))
