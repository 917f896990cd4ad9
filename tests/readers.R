# SPDX-License-Identifier: GPL-3.0-or-later
# What R makes of a run's files, against its summary.json: posterior, rstan, bayesplot, coda.
# Rscript readers.R FOLDER...; prints a line a reader, and "skipped" where a package is absent; exit status 1 when one disagrees.
#
# The files have every digit, and both sides compute the same sums in another order: numbers agree to 1e-10 of the larger of their size
# and the parameter's standard deviation.
tolerance <- 1e-10
required <- Sys.getenv("DILATE_READERS") == "all"
failures <- 0

complain <- function(...) {
  cat("readers.R:", ..., "\n")
  failures <<- failures + 1
}

expect <- function(holds, ...) if (!isTRUE(holds)) complain(...)

present <- function(package) {
  found <- suppressPackageStartupMessages(requireNamespace(package, quietly = TRUE))
  if (!found && required) complain(paste0("r-cran-", package), "is not installed")
  if (!found) cat(paste0("skipped: r-cran-", package), "is not installed\n")
  found
}

# summary.json has a key a line; R reads JSON's strings and numbers as its own.
value_of <- function(lines, key) {
  found <- grep(paste0("^ *\"", key, "\": "), lines, value = TRUE)
  vapply(sub(",$", "", sub(paste0("^ *\"", key, "\": "), "", found)), function(text) as.character(eval(parse(text = text))), "")
}

read_summary <- function(folder) {
  lines <- readLines(file.path(folder, "summary.json"), encoding = "UTF-8")
  rows <- lines[seq(grep("^  \"parameters\": ", lines), length(lines))]
  numbers <- lapply(c(mean = "mean", sd = "sd", q5 = "q5", q50 = "q50", q95 = "q95"), function(key) as.numeric(value_of(rows, key)))
  list(table = data.frame(name = unname(value_of(rows, "name")), numbers), islands = as.integer(value_of(lines, "islands")),
       draws = as.integer(value_of(lines, "draws")[1]))
}

# table: a row a parameter, in any order; columns that the summary has too are compared.
agree <- function(reader, folder, table, wanted) {
  columns <- intersect(names(wanted), setdiff(names(table), "name"))
  at <- match(wanted$name, table$name)
  if (anyNA(at) || nrow(table) != nrow(wanted)) return(complain(reader, folder, "has other parameters:", table$name))
  for (column in columns) {
    error <- abs(table[[column]][at] - wanted[[column]])
    size <- pmax(abs(wanted[[column]]), wanted$sd)
    expect(all(error <= tolerance * size), reader, folder, column, "differs by up to", max(error))
  }
  cat(sprintf("%s: %s of %d parameters of %s agree\n", reader, paste(columns, collapse = ", "), nrow(wanted), folder))
}

# Stan's files have other names where a program could not have the parameter's own; comments say which.
own_names <- function(file, names) {
  comment <- grep("^# parameter ", readLines(file, encoding = "UTF-8"), value = TRUE)
  parts <- regmatches(comment, regexec("^# parameter ([^ ]*) = (.*)$", comment))
  for (part in parts) names[names == part[2]] <- part[3]
  names
}

read_posterior <- function(folder, wanted) {
  draws <- utils::read.csv(file.path(folder, "draws.csv"), comment.char = "#", check.names = FALSE, encoding = "UTF-8")
  names(draws)[names(draws) == "chain__"] <- ".chain"
  draws <- posterior::as_draws_df(draws[setdiff(names(draws), c("lp__", "mode__"))])
  expect(posterior::nchains(draws) == wanted$islands && posterior::niterations(draws) == wanted$draws, "posterior: chains of", folder)
  table <- as.data.frame(posterior::summarise_draws(draws, "mean", "sd", ~ posterior::quantile2(.x, c(0.05, 0.5, 0.95))))
  names(table)[1] <- "name"
  agree("posterior, draws.csv", folder, table, wanted$table)
}

stan_files <- function(folder, wanted) file.path(folder, paste0("draws_", seq_len(wanted$islands), ".csv"))

summarise_fit <- function(fit, file) {
  numbers <- rstan::summary(fit, probs = c(0.05, 0.5, 0.95))$summary
  numbers <- numbers[rownames(numbers) != "lp__", , drop = FALSE]
  data.frame(name = own_names(file, rownames(numbers)), mean = numbers[, "mean"], sd = numbers[, "sd"], q5 = numbers[, "5%"],
             q50 = numbers[, "50%"], q95 = numbers[, "95%"])
}

read_rstan <- function(folder, wanted) {
  files <- stan_files(folder, wanted)
  fit <- rstan::read_stan_csv(files)
  expect(fit@sim$chains == wanted$islands && fit@sim$iter == wanted$draws && fit@sim$warmup == 0, "rstan: chains of", folder)
  expect(all(sapply(rstan::get_sampler_params(fit, inc_warmup = FALSE), function(chain) sum(chain[, "divergent__"]) == 0)), "rstan: sampler of", folder)
  expect(all(is.finite(rstan::get_elapsed_time(fit))), "rstan: times of", folder)
  expect(any(grepl("dilate(", utils::capture.output(print(fit)), fixed = TRUE)), "rstan: print of", folder)
  agree("rstan, chain by chain", folder, summarise_fit(fit, files[1]), wanted$table)
  if (folder == "shapes") expect(identical(fit@par_dims$L, c(2L, 3L)), "rstan: the shape of L in", folder)
  one <- rstan::read_stan_csv(file.path(folder, "draws_stan.csv"))
  expect(one@sim$chains == 1 && one@sim$iter == wanted$islands * wanted$draws, "rstan: draws_stan.csv of", folder)
  agree("rstan, one file", folder, summarise_fit(one, file.path(folder, "draws_stan.csv")), wanted$table)
  draws <- posterior::as_draws_array(as.array(fit))
  table <- as.data.frame(posterior::summarise_draws(draws, "mean", "sd", ~ posterior::quantile2(.x, c(0.05, 0.5, 0.95))))
  table$name <- own_names(files[1], table$variable)
  agree("posterior, by rstan", folder, table[table$name != "lp__", ], wanted$table)
  fit
}

read_bayesplot <- function(folder, wanted, fit) {
  draws <- as.array(fit)
  intervals <- bayesplot::mcmc_intervals_data(draws, point_est = "median", prob_outer = 0.9)
  intervals <- intervals[intervals$parameter != "lp__", ]
  table <- data.frame(name = own_names(stan_files(folder, wanted)[1], as.character(intervals$parameter)), q5 = intervals$ll,
                      q50 = intervals$m, q95 = intervals$hh)
  agree("bayesplot", folder, table, wanted$table)
  invisible(ggplot2::ggplot_build(bayesplot::mcmc_areas(draws)))
  trace <- ggplot2::ggplot_build(bayesplot::mcmc_trace(draws))$data[[1]]
  expect(nrow(trace) == length(draws) && length(unique(trace$group)) == wanted$islands, "bayesplot: mcmc_trace of", folder)
}

read_coda <- function(folder, wanted) {
  files <- stan_files(folder, wanted)
  chains <- lapply(files, function(file) {
    draws <- utils::read.csv(file, comment.char = "#", check.names = FALSE)
    coda::mcmc(as.matrix(draws[, !endsWith(names(draws), "__"), drop = FALSE]))
  })
  chains <- coda::mcmc.list(chains)
  expect(coda::nchain(chains) == wanted$islands && coda::niter(chains) == wanted$draws, "coda: chains of", folder)
  result <- summary(chains, quantiles = c(0.05, 0.5, 0.95))
  names <- sub("\\.", "[", rownames(result$statistics))
  names <- ifelse(grepl("[", names, fixed = TRUE), paste0(gsub(".", ",", names, fixed = TRUE), "]"), names)
  agree("coda", folder, data.frame(name = own_names(files[1], names), mean = result$statistics[, "Mean"],
                                   sd = result$statistics[, "SD"], q5 = result$quantiles[, "5%"], q50 = result$quantiles[, "50%"],
                                   q95 = result$quantiles[, "95%"]), wanted$table)
}

has <- sapply(c("posterior", "rstan", "bayesplot", "coda"), present)
for (folder in commandArgs(trailingOnly = TRUE)) {
  wanted <- read_summary(folder)
  if (has["posterior"]) read_posterior(folder, wanted)
  fit <- if (has["rstan"] && has["posterior"]) read_rstan(folder, wanted)
  if (has["bayesplot"] && !is.null(fit)) read_bayesplot(folder, wanted, fit)
  if (has["coda"]) read_coda(folder, wanted)
}
quit(status = if (failures > 0) 1 else if (!any(has)) 77 else 0)
