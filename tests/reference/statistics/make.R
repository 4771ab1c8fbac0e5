# Makes the reference tables of regraft-stats from R: `Rscript make.R` in this folder.
#
# Every table holds its inputs, so the tests need nothing else. Numbers are written with 17 digits.
# Packages: survival (Kaplan-Meier, log-rank, Cox), cmprsk (cumulative incidence, Fine-Gray), MASS (negative binomial),
# nlme (repeated measures), mvtnorm (boundaries); see versions.csv.

suppressPackageStartupMessages({
  library(survival)
  library(cmprsk)
  library(MASS)
  library(nlme)
  library(mvtnorm)
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

# ---- Designs: Fine-Gray, shares, rates, repeated measures, group-sequential boundaries ----

fine_gray <- do.call(rbind, lapply(sets, function(d) {
  if (!any(d$status > 1) || !all(tapply(d$status == 1, d$group, any))) return(NULL)
  fit <- crr(d$time, d$status, cbind(group = d$group), failcode = 1, cencode = 0, gtol = 1e-12, maxiter = 100)
  data.frame(data = d$data[1], log_ratio = unname(fit$coef), standard_error = sqrt(fit$var[1, 1]))
}))
write_table(fine_gray, "fine_gray")

shares <- do.call(rbind, Map(function(a, n, b, m) {
  test <- suppressWarnings(prop.test(c(a, b), c(n, m), correct = FALSE))
  fit <- if (a > 0 && a < n && b > 0 && b < m) {
    coef(summary(glm(cbind(c(a, b), c(n - a, m - b)) ~ c(1, 0), family = binomial, epsilon = 1e-14)))[2, 1:2]
  } else c(NaN, NaN)
  data.frame(treated_events = as.double(a), treated_n = as.double(n), control_events = as.double(b),
    control_n = as.double(m), chi_square = unname(test$statistic), log_ratio = fit[1], standard_error = fit[2])
}, c(53, 3, 0, 12, 200), c(107, 55, 20, 12, 400), c(36, 33, 5, 3, 150), c(105, 55, 21, 12, 410)))
write_table(shares, "two_by_two")

set.seed(4)
rates_of <- function(name, n, mean, theta) {
  group <- rep(0:1, n / 2)
  time <- round(runif(n, 0.2, 2), 3)
  mu <- mean[group + 1] * time
  events <- if (is.finite(theta)) rnbinom(n, size = theta, mu = mu) else rpois(n, mu)
  data.frame(data = name, events = as.double(events), time = time, group = as.double(group))
}
rates_data <- rbind(rates_of("relapses", 120, c(0.8, 0.4), 1.2), rates_of("lesions", 60, c(4, 3), 0.5),
  rates_of("mild", 200, c(1.5, 1.4), 5))
write_table(rates_data, "rates_data")
rates <- do.call(rbind, lapply(split(rates_data, rates_data$data), function(d) {
  fit <- suppressWarnings(glm.nb(events ~ group + offset(log(time)), d,
    control = glm.control(epsilon = 1e-14, maxit = 500)))
  data.frame(data = d$data[1], log_ratio = coef(fit)[["group"]],
    standard_error = coef(summary(fit))["group", "Std. Error"], dispersion = 1 / fit$theta)
}))
write_table(rates, "rate_ratio")

# A score at four visits that worsens, less so in the treated; correlated, the variance rising.
set.seed(5)
scores_of <- function(name, n, missing) {
  root <- chol(0.7^abs(outer(0:4, 0:4, "-")) * outer(1 + 0.2 * (0:4), 1 + 0.2 * (0:4)))
  y <- matrix(rnorm(5 * n), n) %*% root
  treated <- rep(0:1, n / 2)
  y <- y + 4 + outer(1 - 0.5 * treated, 0.3 * (0:4))
  gone <- matrix(runif(4 * n) < missing, n)
  # Half of what is missing is a patient who left for good.
  for (i in which(runif(n) < missing)) gone[i, sample(2:4, 1):4] <- TRUE
  value <- y[, 2:5]
  value[gone] <- NA
  data.frame(data = name, patient = rep(seq_len(n), each = 4), treated = as.double(rep(treated, each = 4)),
    baseline = rep(y[, 1], each = 4), visit = as.double(rep(0:3, n)), value = as.vector(t(value)))
}
repeated_data <- rbind(scores_of("complete", 40, 0), scores_of("few_missing", 80, 0.05),
  scores_of("many_missing", 60, 0.2))
repeated_data$patient <- as.double(repeated_data$patient)
write_table(repeated_data, "repeated_data")
repeated <- do.call(rbind, lapply(split(repeated_data, repeated_data$data), function(d) {
  seen <- d[!is.na(d$value), ]
  seen$week <- factor(seen$visit)
  fit <- gls(value ~ 0 + week + week:treated + week:baseline, seen, method = "REML",
    correlation = corSymm(form = ~ I(visit + 1) | patient), weights = varIdent(form = ~ 1 | week),
    control = glsControl(tolerance = 1e-12, msTol = 1e-12, maxIter = 500, msMaxIter = 500, opt = "optim"))
  last <- "week3:treated"
  ancova <- if (anyNA(d$value)) c(NaN, NaN) else {
    own <- lm(value ~ treated + baseline, d[d$visit == 3, ])
    c(own$df.residual, coef(summary(own))["treated", "Pr(>|t|)"])
  }
  data.frame(data = d$data[1], difference = coef(fit)[[last]], standard_error = sqrt(vcov(fit)[last, last]),
    df = ancova[1], p = ancova[2])
}))
write_table(repeated, "repeated")

# Boundaries that spend alpha: each critical value is the root of what the multivariate normal distribution says.
spend <- list(obrien_fleming = function(a, t) 2 * pnorm(qnorm(a / 2) / sqrt(t)),
  pocock = function(a, t) a * log(1 + (exp(1) - 1) * t))
sequential_of <- function(spending, alpha, sides, information) {
  correlation <- outer(information, information, function(s, t) sqrt(pmin(s, t) / pmax(s, t)))
  # mvtnorm's method of Miwa is exact to about 1e-9 at these sizes, and wants both ends finite.
  stays <- function(critical, drift = 0) {
    k <- seq_along(critical)
    mean <- drift * sqrt(information[k])
    lower <- if (sides == 2) -critical else rep(-12, length(k)) + mean
    if (length(k) == 1) return(pnorm(critical - mean) - pnorm(lower - mean))
    as.numeric(pmvnorm(lower, critical, mean = mean, corr = correlation[k, k], algorithm = Miwa(steps = 4097)))
  }
  critical <- numeric(0)
  for (k in seq_along(information)) {
    spent <- sides * spend[[spending]](alpha / sides, information[k])
    root <- uniroot(function(c) 1 - stays(c(critical, c)) - spent, c(1, 9), tol = 1e-10)
    critical <- c(critical, root$root)
  }
  words <- function(x) paste(sprintf("%.12g", x), collapse = " ")
  do.call(rbind, lapply(c(0, 2.5), function(drift) data.frame(spending, alpha, sides = as.double(sides),
    information = words(information), critical = words(critical), drift, crossed = 1 - stays(critical, drift))))
}
sequential <- rbind(sequential_of("obrien_fleming", 0.05, 2, c(0.5, 1)),
  sequential_of("pocock", 0.05, 2, c(0.5, 1)), sequential_of("obrien_fleming", 0.05, 2, c(1 / 3, 2 / 3, 1)),
  sequential_of("pocock", 0.1, 2, c(0.3, 0.6, 1)), sequential_of("obrien_fleming", 0.025, 1, c(0.6, 1)))
write_table(sequential, "sequential")

packages <- c("survival", "cmprsk", "MASS", "nlme", "mvtnorm")
write_table(data.frame(what = c("R", packages), version = c(as.character(getRversion()),
  vapply(packages, function(package) as.character(packageVersion(package)), ""))), "versions")
