// Eight schools, the schools' effects as parameters.
data {
  int<lower=1> J;
  vector[J] y;
  vector<lower=0>[J] sigma;
}
parameters {
  vector[J] theta;
  real mu;
  real<lower=0> tau;
}
model {
  target += normal_lpdf(mu | 0, 5) + cauchy_lpdf(tau | 0, 5);
  target += normal_lpdf(theta | mu, tau) + normal_lpdf(y | theta, sigma);
}
