// Two normals in no order: each labelling is a mode of weight 1/2.
data {
  int<lower=1> N;
  vector[N] y;
}
parameters {
  vector[2] mu;
  vector<lower=0>[2] sigma;
  real<lower=0, upper=1> theta;
}
model {
  target += normal_lpdf(mu | 0, 2) + normal_lpdf(sigma | 0, 2) + beta_lpdf(theta | 5, 5);
  for (n in 1:N) target += log_mix(theta, normal_lpdf(y[n] | mu[1], sigma[1]), normal_lpdf(y[n] | mu[2], sigma[2]));
}
