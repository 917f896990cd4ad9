// The eight schools, not centred (Rubin 1981), with predictions of the effects.
data {
  int<lower=0> J;
  vector[J] y;
  vector<lower=0>[J] sigma;
}
parameters {
  real mu;
  real<lower=0> tau;
  vector[J] t;
}
transformed parameters {
  vector[J] theta = mu + tau * t;
}
model {
  mu ~ normal(0, 5);
  tau ~ cauchy(0, 5);
  t ~ normal(0, 1);
  y ~ normal(theta, sigma);
}
generated quantities {
  vector[J] error;
  for (j in 1:J) error[j] = normal_rng(0, sigma[j]);
}
