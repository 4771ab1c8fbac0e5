# Makes the reference tables of regraft-stats from R: `Rscript make.R` in this folder.
#
# Every table holds its inputs, so the tests need nothing else. Numbers are written with 17 digits.
# Packages: survival (Kaplan-Meier, log-rank, Cox), cmprsk (cumulative incidence); see versions.csv.

suppressPackageStartupMessages({
  library(survival)
  library(cmprsk)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")

write_table <- function(table, name) {
  numbers <- vapply(table, is.double, TRUE)
  table[numbers] <- lapply(table[numbers], function(x) ifelse(is.na(x), "NaN", sprintf("%.17g", x)))
  write.csv(table, paste0(name, ".csv"), row.names = FALSE, quote = FALSE)
}

# ---- Data sets: time, status (0 censored, 1 event, 2 competing), group (1 treated, 0 control) ----

data_set <- function(name, time, status, group) {
  data.frame(data = name, time = as.double(time), status = as.integer(status), group = as.integer(group))
}

# aml: 23 patients, ties, one arm maintained on chemotherapy.
aml_data <- data_set("aml", aml$time, aml$status, aml$x == "Maintained")
# veteran: 137 patients, many ties, little censoring.
veteran_data <- data_set("veteran", veteran$time, veteran$status, veteran$trt == 2)
# lung: 228 patients, few ties, women against men.
lung_data <- data_set("lung", lung$time, lung$status == 2, lung$sex == 2)
# mgus2, every 8th patient: progression (1) competes with death (2).
mgus <- mgus2[seq(1, nrow(mgus2), by = 8), ]
mgus_data <- data_set("mgus2",
  ifelse(mgus$pstat == 1, mgus$ptime, mgus$futime),
  ifelse(mgus$pstat == 1, 1, 2 * mgus$death), mgus$sex == "F")
# Generated: visits every 0.25 years, hence heavy ties, three kinds of event.
set.seed(1)
n <- 120
latent <- rexp(n, ifelse(seq_len(n) %% 2 == 0, 0.6, 0.3))
ties_data <- data_set("ties", ceiling(4 * pmin(latent, 3)) / 4,
  ifelse(latent > 3, 0, sample(c(0, 1, 1, 2, 3), n, TRUE)), seq_len(n) %% 2)
# Generated: nine of ten are censored, the last is an event.
set.seed(2)
n <- 80
heavy_data <- data_set("heavy", round(rexp(n) * 100) / 10, rbinom(n, 1, 0.1), rep(0:1, n / 2))
heavy_data$status[which.max(heavy_data$time)] <- 1L
heavy_data$status[1:4] <- 1L
# Everyone has an event; several at time 0.
all_data <- data_set("all_events", c(0, 0, 1, 2, 2, 3, 5, 8, 8, 8), c(1, 2, 1, 1, 2, 1, 1, 1, 1, 2),
  c(1, 0, 1, 1, 0, 0, 1, 0, 1, 0))
# Nobody has one.
none_data <- data_set("no_events", c(3, 1, 4, 1, 5, 9, 2, 6), rep(0, 8), rep(0:1, 4))
# The curve runs exactly at one half: for a while, and to its end.
half_data <- data_set("half", c(1, 2, 3, 4), c(1, 1, 1, 0), c(0, 1, 0, 1))
flat_data <- data_set("flat", c(1, 2, 3, 4), c(1, 1, 0, 0), c(0, 1, 0, 1))

sets <- list(aml_data, veteran_data, lung_data, mgus_data, ties_data, heavy_data, all_data, none_data,
  half_data, flat_data)
write_table(do.call(rbind, sets), "survival_data")

# ---- Kaplan-Meier: event rows only, two levels ----

kaplan_meier <- do.call(rbind, lapply(sets, function(d) do.call(rbind, lapply(c(0.9, 0.95), function(level) {
  fit <- survfit(Surv(time, status == 1) ~ 1, d, conf.type = "log-log", conf.int = level)
  row <- fit$n.event > 0
  if (!any(row)) return(NULL)
  data.frame(data = d$data[1], level, time = fit$time[row], estimate = fit$surv[row],
    standard_error = ifelse(fit$surv[row] > 0, fit$surv[row] * fit$std.err[row], 0),
    low = fit$lower[row], high = fit$upper[row],
    at_risk = as.integer(fit$n.risk[row]), events = as.integer(fit$n.event[row]))
}))))
write_table(kaplan_meier, "kaplan_meier")

summaries <- do.call(rbind, lapply(sets, function(d) {
  horizon <- unname(quantile(d$time, 0.8))
  fit <- survfit(Surv(time, status == 1) ~ 1, d, conf.type = "log-log")
  s <- summary(fit, rmean = horizon)$table
  data.frame(data = d$data[1], median = s[["median"]], horizon, restricted_mean = s[["rmean"]],
    restricted_mean_se = s[["se(rmean)"]])
}))
write_table(summaries, "survival_summary")

# ---- Cumulative incidence: cmprsk::cuminc; complementary log-log interval from its variance ----

incidence_of <- function(d) do.call(rbind, lapply(setdiff(unique(d$status), 0), function(cause) {
  fit <- cuminc(d$time, d$status)[[paste(1, cause)]]
  # cuminc gives each step twice (before and after); the value at the step is the last row of its time.
  row <- !duplicated(fit$time, fromLast = TRUE) & fit$time %in% d$time[d$status == cause]
  est <- fit$est[row]
  se <- sqrt(pmax(fit$var[row], 0))
  sigma <- se / ((1 - est) * abs(log1p(-est)))
  z <- qnorm(0.975)
  data.frame(data = d$data[1], cause = as.integer(cause), time = fit$time[row], estimate = est,
    standard_error = se, low = 1 - (1 - est)^exp(-z * sigma), high = 1 - (1 - est)^exp(z * sigma))
}))
write_table(do.call(rbind, lapply(sets, incidence_of)), "cumulative_incidence")

# A second opinion on the estimate: survfit on several states.
states <- do.call(rbind, lapply(list(mgus_data, ties_data), function(d) {
  fit <- survfit(Surv(time, factor(status, 0:3)) ~ 1, d)
  data.frame(data = d$data[1], time = fit$time, cause_1 = fit$pstate[, fit$states == "1"],
    cause_2 = fit$pstate[, fit$states == "2"])
}))
write_table(states, "cumulative_incidence_survfit")

# ---- Two groups: log-rank and Cox (Efron) ----

groups <- do.call(rbind, lapply(sets, function(d) {
  if (!all(tapply(d$status == 1, d$group, any))) return(NULL)
  test <- survdiff(Surv(time, status == 1) ~ I(1 - group), d)
  fit <- coxph(Surv(time, status == 1) ~ group, d, ties = "efron", 
    control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100))
  s <- summary(fit, conf.int = 0.95)
  data.frame(data = d$data[1], chi_square = test$chisq, p = pchisq(test$chisq, 1, lower.tail = FALSE),
    observed = test$obs[1], expected = test$exp[1], variance = test$var[1, 1],
    log_ratio = unname(coef(fit)), standard_error = sqrt(fit$var[1, 1]),
    low = s$conf.int[1, "lower .95"], high = s$conf.int[1, "upper .95"])
}))
write_table(groups, "two_groups")

# ---- One sample: Wilson, Garwood, Student, quantiles, median ----

wilson <- do.call(rbind, lapply(c(0.8, 0.9, 0.95, 0.99), function(level) do.call(rbind, Map(function(x, n) {
  # correct = FALSE is Wilson's interval.
  ci <- suppressWarnings(prop.test(x, n, conf.level = level, correct = FALSE))$conf.int
  data.frame(events = as.double(x), n = as.double(n), level, low = ci[1], high = ci[2])
}, c(0, 1, 3, 12, 24, 50, 55, 999), c(10, 1, 52, 24, 24, 55, 1000, 1000)))))
write_table(wilson, "wilson")

garwood <- do.call(rbind, lapply(c(0.9, 0.95), function(level) do.call(rbind, Map(function(x, time) {
  ci <- poisson.test(x, time, conf.level = level)$conf.int
  data.frame(events = as.double(x), person_time = time, level, low = ci[1], high = ci[2])
}, c(0, 1, 2, 7, 30, 412, 10000), c(12.5, 0.3, 100, 7, 55.25, 1000, 4321)))))
write_table(garwood, "garwood")

samples <- list(aml = aml$time, lung = na.omit(lung$wt.loss), stanford = stanford2$age, rivers = rivers,
  small = c(2.5, -1, 7), six = c(6, 1, 5, 2, 4, 3), pair = c(1, 4))
write_table(do.call(rbind, lapply(names(samples), function(name) {
  data.frame(data = name, value = as.double(samples[[name]]))
})), "sample_data")
write_table(do.call(rbind, lapply(names(samples), function(name) {
  x <- samples[[name]]
  do.call(rbind, lapply(c(0.8, 0.95), function(level) {
    t <- t.test(x, conf.level = level)
    n <- length(x)
    # Largest rank whose lower tail is at most alpha / 2.
    tails <- pbinom(seq_len(n) - 1, n, 0.5)
    k <- sum(tails <= (1 - level) / 2)
    data.frame(data = name, level, mean = unname(t$estimate),
      mean_low = t$conf.int[1], mean_high = t$conf.int[2],
      median = as.double(median(x)), median_low = if (k > 0) as.double(sort(x)[k]) else NaN,
      median_high = if (k > 0) as.double(sort(x)[n + 1 - k]) else NaN)
  }))
})), "sample_intervals")
write_table(do.call(rbind, lapply(names(samples), function(name) {
  p <- c(0, 0.025, 0.1, 1 / 3, 0.5, 0.6, 0.975, 1)
  data.frame(data = name, p, quantile = unname(quantile(samples[[name]], p, type = 7)))
})), "sample_quantiles")

# ---- Distributions ----

p <- c(2^-53, 1e-15, 1e-10, 1e-5, 0.001, 0.01, 0.025, 0.074, 0.075, 0.076, 0.1, 0.25, 0.49, 0.5, 0.51, 0.7, 0.925,
  0.9, 0.95, 0.975, 0.99, 0.99999, 1 - 2^-53)
write_table(data.frame(p, quantile = qnorm(p)), "normal_quantile")
z <- c(-37, -20, -8.3, -6, -3.5, -1.96, -1, -0.3, -1e-5, 0, 1e-5, 0.3, 1, 1.96, 3.5, 6, 8.3)
write_table(data.frame(z, cdf = pnorm(z)), "normal_cdf")

# Not nearer to 1: qpois takes a distribution function up to 64 units in the last place too small as reached.
set.seed(3)
poisson <- expand.grid(mean = c(1e-6, 0.01, 0.3, 1, 4.7, 20, 31.99, 32.01, 100, 1234.5, 1e5, 9.9e6,
  1.01e7, 1e9),
  u = c(1e-12, 1e-4, 0.02, 0.3, 0.5, 0.77, 0.98, 0.9999, 1 - 1e-10, round(runif(6), 9)))
poisson$quantile <- as.double(qpois(poisson$u, poisson$mean))
write_table(poisson, "poisson_quantile")

beta <- expand.grid(a = c(0.3, 1, 2.5, 30, 800), b = c(0.5, 1, 4, 120), p = c(1e-6, 0.025, 0.4, 0.5, 0.9, 0.999))
beta$quantile <- qbeta(beta$p, beta$a, beta$b)
beta$cdf_at_a_third <- pbeta(1 / 3, beta$a, beta$b)
write_table(beta, "beta")

gamma <- expand.grid(a = c(0.05, 0.5, 1, 3.5, 40, 1e4), p = c(1e-8, 0.01, 0.3, 0.5, 0.9, 0.975, 1 - 1e-9))
gamma$quantile <- qgamma(gamma$p, gamma$a)
gamma$upper_at_twice <- pgamma(2 * gamma$a, gamma$a, lower.tail = FALSE)
gamma$ln_gamma <- lgamma(gamma$a)
write_table(gamma, "gamma")

student <- expand.grid(df = c(1, 2, 3, 9.5, 30, 1000), p = c(1e-6, 0.025, 0.3, 0.6, 0.95, 0.995))
student$quantile <- qt(student$p, student$df)
write_table(student, "student_quantile")

lognormal <- expand.grid(median = c(0.2, 3e6), cv = c(0.1, 0.45, 2), p = c(0.01, 0.5, 0.975))
lognormal$quantile <- qlnorm(lognormal$p, log(lognormal$median), sqrt(log1p(lognormal$cv^2)))
write_table(lognormal, "lognormal_quantile")

x <- c(1e-310, 1e-100, 1e-5, 0.3, 0.7, 0.70710678118654746, 0.70710678118654757, 0.999999999, 1, 1.0000001,
  1.4142135, 1.5, 2, 10, 12345.678, 1e200)
write_table(data.frame(x, ln = log(x)), "ln")
x <- c(-744, -700, -30.5, -1, -0.3466, -1e-9, 0, 1e-9, 0.29, 0.31, 0.5, 1, 10.1, 100, 700, 709.7)
write_table(data.frame(x, exp = exp(x), expm1 = expm1(x)), "exp")

write_table(data.frame(what = c("R", "survival", "cmprsk"),
  version = c(as.character(getRversion()), as.character(packageVersion("survival")),
    as.character(packageVersion("cmprsk")))), "versions")
